-- breaks-users
ALTER TABLE public.customer RENAME TO account;
-- breaks-users
ALTER SEQUENCE public.customer_id_seq RENAME TO account_id_seq;
ALTER INDEX public.customer_lower RENAME TO account_lower;
ALTER TABLE public.account RENAME CONSTRAINT customer_email_key TO account_email_key;
ALTER TABLE public.account RENAME CONSTRAINT customer_parent_fkey TO account_parent_fkey;
ALTER TABLE public.account RENAME CONSTRAINT customer_pkey TO account_pkey;
ALTER TABLE public.account ADD COLUMN note text;
