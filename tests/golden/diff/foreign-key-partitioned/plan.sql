CREATE TABLE public.event_2025 (
    id integer NOT NULL,
    account integer,
    at date NOT NULL
);
CREATE TABLE public.remark (
    event integer,
    at date
);
ALTER TABLE ONLY public.event_2025 ADD CONSTRAINT event_2025_pkey PRIMARY KEY (id, at);
ALTER TABLE ONLY public.event ATTACH PARTITION public.event_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
ALTER INDEX public.event_pkey ATTACH PARTITION public.event_2025_pkey;
-- depends-on-data, blocks-writes
ALTER TABLE public.event ADD CONSTRAINT event_account_fkey FOREIGN KEY (account) REFERENCES public.account(id);
ALTER TABLE public.remark ADD CONSTRAINT remark_event_at_fkey FOREIGN KEY (event, at) REFERENCES public.event(id, at);
