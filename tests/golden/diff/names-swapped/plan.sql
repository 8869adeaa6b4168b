DROP INDEX public.i;
DROP INDEX public.j;
-- blocks-writes
CREATE INDEX j ON public.a USING btree (x);
-- blocks-writes
CREATE INDEX i ON public.b USING btree (y);
