-- breaks-users
ALTER TABLE public.event_2024 DETACH PARTITION public.event_2024_eu;
CREATE TABLE public.event_2024_us (
    id integer,
    at date NOT NULL,
    region text
);
CREATE TABLE public.event_rest (
    id integer,
    at date NOT NULL,
    region text
)
PARTITION BY HASH (id);
CREATE TABLE public.event_rest_0 (
    id integer,
    at date NOT NULL,
    region text
);
-- blocks-writes
CREATE INDEX event_2024_eu_region_idx ON public.event_2024_eu USING btree (region);
CREATE INDEX event_2024_us_region_idx ON public.event_2024_us USING btree (region);
CREATE INDEX event_rest_0_region_idx ON public.event_rest_0 USING btree (region);
-- depends-on-data, scans-table
ALTER TABLE ONLY public.event_2024 ATTACH PARTITION public.event_2024_eu FOR VALUES IN ('eu', 'uk');
ALTER TABLE ONLY public.event_2024 ATTACH PARTITION public.event_2024_us FOR VALUES IN ('us');
CREATE INDEX event_2024_region_idx ON ONLY public.event_2024 USING btree (region);
ALTER TABLE ONLY public.event_rest ATTACH PARTITION public.event_rest_0 FOR VALUES WITH (modulus 1, remainder 0);
CREATE INDEX event_rest_region_idx ON ONLY public.event_rest USING btree (region);
ALTER TABLE ONLY public.event ATTACH PARTITION public.event_rest DEFAULT;
CREATE INDEX event_region ON ONLY public.event USING btree (region);
ALTER INDEX public.event_region ATTACH PARTITION public.event_2024_region_idx;
ALTER INDEX public.event_2024_region_idx ATTACH PARTITION public.event_2024_eu_region_idx;
ALTER INDEX public.event_2024_region_idx ATTACH PARTITION public.event_2024_us_region_idx;
ALTER INDEX public.event_region ATTACH PARTITION public.event_rest_region_idx;
ALTER INDEX public.event_rest_region_idx ATTACH PARTITION public.event_rest_0_region_idx;
