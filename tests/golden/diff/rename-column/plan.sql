-- breaks-users
ALTER TABLE public.account RENAME COLUMN mail TO email;
ALTER TABLE public.account RENAME CONSTRAINT account_mail_check TO account_email_check;
ALTER TABLE public.account RENAME CONSTRAINT account_mail_key TO account_email_key;
CREATE OR REPLACE VIEW public.listing AS
 SELECT account.id,
    account.email AS mail
   FROM public.account;
