-- depends-on-data, scans-table
ALTER TABLE public.item ALTER COLUMN id SET NOT NULL;
-- depends-on-data, scans-table
ALTER TABLE public.item ADD CONSTRAINT "Both" UNIQUE (a, b) INCLUDE (note) WITH (fillfactor=70);
-- depends-on-data, scans-table
ALTER TABLE public.item ADD CONSTRAINT "item_Code_key" UNIQUE ("Code") DEFERRABLE INITIALLY DEFERRED;
-- depends-on-data, scans-table
ALTER TABLE public.item ADD CONSTRAINT item_pkey PRIMARY KEY (id);
