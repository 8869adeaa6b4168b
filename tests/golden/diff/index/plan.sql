DROP INDEX public.item_a;
DROP INDEX public.item_gone;
DROP INDEX public.item_method;
-- blocks-writes
CREATE INDEX item_a ON public.item USING btree (a DESC NULLS LAST, b);
-- blocks-writes, depends-on-data
CREATE UNIQUE INDEX item_b ON public.item USING btree (b text_pattern_ops);
COMMENT ON INDEX public.item_b IS 'For prefix searches';
-- blocks-writes
CREATE INDEX item_c ON public.item USING gin (c jsonb_path_ops);
-- blocks-writes
CREATE INDEX item_d ON public.item USING gist (d);
-- blocks-writes
CREATE INDEX item_e ON public.item USING brin (e) WITH (pages_per_range='32');
-- blocks-writes
CREATE INDEX item_method ON public.item USING hash (b);
