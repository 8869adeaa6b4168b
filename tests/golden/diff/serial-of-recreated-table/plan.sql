ALTER SEQUENCE public.event_id_seq OWNED BY NONE;
-- deletes-data, breaks-users
DROP TABLE public.event;
CREATE TABLE public.event (
    id integer DEFAULT nextval('public.event_id_seq'::regclass) NOT NULL,
    at date,
    other integer
)
PARTITION BY LIST (at);
ALTER SEQUENCE public.event_id_seq OWNED BY public.event.id;
