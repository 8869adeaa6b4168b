-- breaks-users
ALTER TABLE public.event DETACH PARTITION public.event_a;
-- deletes-data, breaks-users
ALTER TABLE public.event_a DROP COLUMN at;
-- deletes-data, breaks-users
ALTER TABLE public.event_a DROP COLUMN id;
-- deletes-data, breaks-users
ALTER TABLE public.event_a DROP COLUMN region;
-- deletes-data, breaks-users
DROP TABLE public.event;
CREATE TABLE public.event (
    id integer,
    at date NOT NULL,
    region text NOT NULL
)
PARTITION BY LIST (region);
-- depends-on-data
ALTER TABLE public.event_a ADD COLUMN at date NOT NULL;
ALTER TABLE public.event_a ADD COLUMN id integer;
-- depends-on-data
ALTER TABLE public.event_a ADD COLUMN region text NOT NULL;
-- depends-on-data, scans-table
ALTER TABLE ONLY public.event ATTACH PARTITION public.event_a FOR VALUES IN ('eu');
