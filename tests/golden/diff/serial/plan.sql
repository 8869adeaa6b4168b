CREATE SEQUENCE public.log_id_seq AS bigint START WITH 1 INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 CACHE 1;
CREATE SEQUENCE public.plain_id_seq AS integer START WITH 1 INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 CACHE 1;
CREATE SEQUENCE public.ticket_number_seq AS smallint START WITH 1 INCREMENT BY 1 MINVALUE 1 MAXVALUE 32767 CACHE 1;
CREATE TABLE public.log (
    id bigint DEFAULT nextval('public.log_id_seq'::regclass) NOT NULL,
    line text,
    CONSTRAINT log_pkey PRIMARY KEY (id)
);
ALTER TABLE public.plain ALTER COLUMN id SET DEFAULT nextval('public.plain_id_seq'::regclass);
-- rewrites-table
ALTER TABLE public.ticket ADD COLUMN number smallint DEFAULT nextval('public.ticket_number_seq'::regclass) NOT NULL;
ALTER SEQUENCE public.log_id_seq OWNED BY public.log.id;
ALTER SEQUENCE public.plain_id_seq OWNED BY public.plain.id;
ALTER SEQUENCE public.ticket_number_seq OWNED BY public.ticket.number;
