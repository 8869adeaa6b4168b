DROP INDEX public.item_text;
-- blocks-writes
CREATE INDEX item_text ON public.item USING btree (((a || ' WITH (y)'::text)));
ALTER INDEX public.item_where SET (fillfactor='70');
