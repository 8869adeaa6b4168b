-- breaks-users
ALTER TABLE public.account DROP CONSTRAINT account_phone_key;
-- breaks-users
ALTER TABLE public.account DROP CONSTRAINT email_once;
-- depends-on-data, scans-table
ALTER TABLE public.account ADD CONSTRAINT account_phone_key UNIQUE (phone) DEFERRABLE INITIALLY DEFERRED;
-- depends-on-data, scans-table
ALTER TABLE public.account ADD CONSTRAINT email_once UNIQUE (tenant, email) INCLUDE (phone);
COMMENT ON CONSTRAINT email_once ON public.account IS 'One account an address';
-- depends-on-data, scans-table
ALTER TABLE public.account ADD CONSTRAINT tenant_phone UNIQUE (tenant, phone);
