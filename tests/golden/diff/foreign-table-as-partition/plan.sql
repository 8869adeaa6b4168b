CREATE FOREIGN TABLE public.event_far (
    id integer,
    at date NOT NULL
)
SERVER remote;
ALTER TABLE ONLY public.event ATTACH PARTITION public.event_far FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
