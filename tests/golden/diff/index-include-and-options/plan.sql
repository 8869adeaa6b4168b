DROP INDEX public.item_a;
-- blocks-writes
CREATE INDEX item_a ON public.item USING btree (a) INCLUDE (b, id);
ALTER INDEX public.item_b SET (fillfactor='90', deduplicate_items=off);
ALTER INDEX public.item_plain SET (fillfactor='50');
