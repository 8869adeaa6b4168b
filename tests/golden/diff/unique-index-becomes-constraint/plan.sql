DROP INDEX public.account_email_key;
-- depends-on-data, scans-table
ALTER TABLE public.account ADD CONSTRAINT account_email_key UNIQUE (email);
