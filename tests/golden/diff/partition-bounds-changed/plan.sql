-- breaks-users
ALTER TABLE public.event DETACH PARTITION public.event_1;
-- breaks-users
ALTER TABLE public.event DETACH PARTITION public.event_2;
CREATE TABLE public.event_3 (
    id integer,
    at date NOT NULL
);
-- depends-on-data, scans-table
ALTER TABLE ONLY public.event ATTACH PARTITION public.event_1 FOR VALUES FROM ('2024-01-01') TO ('2024-04-01');
-- depends-on-data, scans-table
ALTER TABLE ONLY public.event ATTACH PARTITION public.event_2 FOR VALUES FROM ('2024-04-01') TO ('2025-01-01');
ALTER TABLE ONLY public.event ATTACH PARTITION public.event_3 FOR VALUES FROM ('2025-01-01') TO ('2025-07-01');
