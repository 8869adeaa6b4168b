ALTER TABLE public.account DROP CONSTRAINT a_positive;
ALTER TABLE public.account DROP CONSTRAINT pk;
DROP INDEX public.idx1;
-- blocks-writes
CREATE INDEX account_a ON public.account USING btree (a);
-- depends-on-data, scans-table
ALTER TABLE public.account ADD CONSTRAINT account_a_positive CHECK ((a > 0));
-- depends-on-data, scans-table
ALTER TABLE public.account ADD CONSTRAINT account_key PRIMARY KEY (id);
