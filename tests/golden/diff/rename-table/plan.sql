CREATE SEQUENCE public.account_id_seq AS integer START WITH 1 INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 CACHE 1;
CREATE TABLE public.account (
    id integer DEFAULT nextval('public.account_id_seq'::regclass) NOT NULL,
    email text,
    parent integer,
    note text,
    CONSTRAINT account_email_key UNIQUE (email),
    CONSTRAINT account_pkey PRIMARY KEY (id)
);
CREATE OR REPLACE VIEW public.listing AS
 SELECT account.id,
    account.email
   FROM public.account;
-- deletes-data, breaks-users
DROP TABLE public.customer;
CREATE INDEX account_lower ON public.account USING btree (lower(email));
ALTER SEQUENCE public.account_id_seq OWNED BY public.account.id;
ALTER TABLE public.account ADD CONSTRAINT account_parent_fkey FOREIGN KEY (parent) REFERENCES public.account(id);
