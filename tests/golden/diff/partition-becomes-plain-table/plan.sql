-- deletes-data, breaks-users
DROP TABLE public.event;
CREATE TABLE public.event (
    id integer,
    at date NOT NULL
)
PARTITION BY RANGE (at);
CREATE TABLE public.event_a (
    id integer,
    at date NOT NULL
);
ALTER TABLE ONLY public.event ATTACH PARTITION public.event_a FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
