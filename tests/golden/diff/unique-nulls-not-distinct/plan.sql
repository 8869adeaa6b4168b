-- breaks-users
ALTER TABLE public.account DROP CONSTRAINT account_email_key;
-- breaks-users
ALTER TABLE public.account DROP CONSTRAINT account_phone_key;
DROP INDEX public.account_fax;
-- blocks-writes, depends-on-data
CREATE UNIQUE INDEX account_fax ON public.account USING btree (fax) NULLS NOT DISTINCT;
-- depends-on-data, scans-table
ALTER TABLE public.account ADD CONSTRAINT account_email_key UNIQUE NULLS NOT DISTINCT (email);
-- depends-on-data, scans-table
ALTER TABLE public.account ADD CONSTRAINT account_phone_key UNIQUE (phone);
