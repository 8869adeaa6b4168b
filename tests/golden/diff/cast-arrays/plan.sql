ALTER TABLE public.plain ADD COLUMN more character varying(10);
-- depends-on-data, scans-table
ALTER TABLE public.plain ADD CONSTRAINT plain_more_check CHECK (((more)::text = ANY (ARRAY[('a'::character varying)::text, (NULL::character varying)::text])));
