CREATE FOREIGN TABLE public.event_far (
    id integer,
    at date NOT NULL
)
SERVER remote;
