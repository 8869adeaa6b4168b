ALTER TABLE public.city DROP CONSTRAINT in_country;
-- breaks-users
ALTER TABLE public.country DROP CONSTRAINT country_code;
-- depends-on-data, scans-table
ALTER TABLE public.country ADD CONSTRAINT country_code UNIQUE (code) DEFERRABLE;
-- depends-on-data, scans-table
ALTER TABLE public.country ADD CONSTRAINT country_code_now UNIQUE (code);
-- depends-on-data, blocks-writes
ALTER TABLE public.city ADD CONSTRAINT in_country FOREIGN KEY (country) REFERENCES public.country(code);
