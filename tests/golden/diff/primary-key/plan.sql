-- breaks-users
ALTER TABLE public.one DROP CONSTRAINT one_pkey;
-- breaks-users
ALTER TABLE public.three DROP CONSTRAINT three_key;
-- depends-on-data, scans-table
ALTER TABLE public.one ADD CONSTRAINT one_pkey PRIMARY KEY (a, b);
-- depends-on-data, scans-table
ALTER TABLE public.three ADD CONSTRAINT three_key PRIMARY KEY (a) INCLUDE (b) WITH (fillfactor=80);
-- depends-on-data, scans-table
ALTER TABLE public.two ADD CONSTRAINT two_pkey PRIMARY KEY (a);
