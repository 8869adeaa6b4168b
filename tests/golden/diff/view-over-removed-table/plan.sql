CREATE TABLE public.new_account (
    id integer NOT NULL,
    email text,
    CONSTRAINT new_account_pkey PRIMARY KEY (id)
);
CREATE OR REPLACE VIEW public.account_list AS
 SELECT new_account.id,
    new_account.email
   FROM public.new_account;
-- deletes-data, breaks-users
DROP TABLE public.old_account;
-- renamed? table public.old_account to table public.new_account
