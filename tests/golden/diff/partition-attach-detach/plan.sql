-- breaks-users
ALTER TABLE public.event DETACH PARTITION public.event_2023;
-- depends-on-data, scans-table
ALTER TABLE ONLY public.event ATTACH PARTITION public.event_2024 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
ALTER INDEX public.event_pkey ATTACH PARTITION public.event_2024_pkey;
