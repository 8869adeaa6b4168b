DROP INDEX public.account_data;
DROP INDEX public.account_email;
-- blocks-writes
CREATE INDEX account_data ON public.account USING btree (((data ->> 'title'::text)), length(email));
ALTER INDEX public.account_data ALTER COLUMN 2 SET STATISTICS 500;
-- blocks-writes, depends-on-data
CREATE UNIQUE INDEX account_email ON public.account USING btree (lower(email)) WHERE (deleted IS NULL);
