ALTER TABLE public.item DROP CONSTRAINT item_price_check;
ALTER TABLE public.item DROP CONSTRAINT old;
-- depends-on-data, scans-table
ALTER TABLE public.item ADD CONSTRAINT item_price_check CHECK ((price >= (0)::numeric));
-- depends-on-data, scans-table
ALTER TABLE public.item ADD CONSTRAINT sensible CHECK (((stock < 1000) OR (price < (10)::numeric)));
COMMENT ON CONSTRAINT sensible ON public.item IS 'No thousand dear things';
