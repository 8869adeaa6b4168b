CREATE TABLE public.bucket (
    id integer
)
PARTITION BY HASH (id);
CREATE TABLE public.bucket_0 (
    id integer
);
CREATE TABLE public.bucket_1 (
    id integer
);
CREATE TABLE public.by_expression (
    a integer,
    b text
)
PARTITION BY RANGE (lower(b) COLLATE "C", a);
CREATE TABLE public.event (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    kind text DEFAULT 'x'::text
)
PARTITION BY RANGE (at);
CREATE TABLE public.event_old (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    kind text DEFAULT 'x'::text
);
CREATE TABLE public.event_rest (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    kind text DEFAULT 'x'::text
);
CREATE TABLE public.shard (
    id integer,
    region text
)
PARTITION BY LIST (region);
CREATE TABLE public.shard_eu (
    id integer,
    region text
);
ALTER TABLE ONLY public.event_old ADD CONSTRAINT event_old_pkey PRIMARY KEY (id, at);
ALTER TABLE ONLY public.event_rest ADD CONSTRAINT event_rest_pkey PRIMARY KEY (id, at);
ALTER TABLE ONLY public.bucket ATTACH PARTITION public.bucket_0 FOR VALUES WITH (modulus 2, remainder 0);
ALTER TABLE ONLY public.bucket ATTACH PARTITION public.bucket_1 FOR VALUES WITH (modulus 2, remainder 1);
ALTER TABLE ONLY public.event ATTACH PARTITION public.event_old FOR VALUES FROM (MINVALUE) TO ('2024-01-01 00:00:00+00');
ALTER TABLE ONLY public.event ATTACH PARTITION public.event_rest DEFAULT;
ALTER TABLE ONLY public.event ADD CONSTRAINT event_pkey PRIMARY KEY (id, at);
ALTER TABLE ONLY public.shard ATTACH PARTITION public.shard_eu FOR VALUES IN ('de', 'fr', NULL);
ALTER INDEX public.event_pkey ATTACH PARTITION public.event_old_pkey;
ALTER INDEX public.event_pkey ATTACH PARTITION public.event_rest_pkey;
