ALTER TABLE public.account DROP CONSTRAINT account_mail_check;
ALTER TABLE public.account DROP CONSTRAINT account_mail_key;
DROP INDEX public.account_lower;
-- depends-on-data
ALTER TABLE public.account ADD COLUMN email text NOT NULL;
CREATE OR REPLACE VIEW public.listing AS
 SELECT account.id,
    account.email AS mail
   FROM public.account;
-- deletes-data, breaks-users
ALTER TABLE public.account DROP COLUMN mail;
-- blocks-writes
CREATE INDEX account_lower ON public.account USING btree (lower(email));
-- depends-on-data, scans-table
ALTER TABLE public.account ADD CONSTRAINT account_email_check CHECK ((email <> ''::text));
-- depends-on-data, scans-table
ALTER TABLE public.account ADD CONSTRAINT account_email_key UNIQUE (email);
