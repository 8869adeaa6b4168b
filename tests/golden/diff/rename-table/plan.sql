-- breaks-users
ALTER TABLE public.customer RENAME TO account;
ALTER INDEX public.customer_lower RENAME TO account_lower;
ALTER TABLE public.account RENAME CONSTRAINT customer_email_key TO account_email_key;
ALTER TABLE public.account RENAME CONSTRAINT customer_parent_fkey TO account_parent_fkey;
ALTER TABLE public.account RENAME CONSTRAINT customer_pkey TO account_pkey;
CREATE SEQUENCE public.account_id_seq AS integer START WITH 1 INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 CACHE 1;
ALTER TABLE public.account ALTER COLUMN id SET DEFAULT nextval('public.account_id_seq'::regclass);
-- deletes-data, breaks-users
DROP SEQUENCE public.customer_id_seq;
ALTER TABLE public.account ADD COLUMN note text;
ALTER SEQUENCE public.account_id_seq OWNED BY public.account.id;
