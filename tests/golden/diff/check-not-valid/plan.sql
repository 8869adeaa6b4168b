ALTER TABLE public.item DROP CONSTRAINT stock_positive;
ALTER TABLE public.item ADD CONSTRAINT dear_or_many CHECK (((stock)::numeric > price)) NOT VALID;
-- depends-on-data
ALTER TABLE public.item VALIDATE CONSTRAINT price_positive;
ALTER TABLE public.item ADD CONSTRAINT stock_positive CHECK ((stock > 0)) NOT VALID;
