CREATE TABLE app.account (
    id integer NOT NULL,
    email text,
    CONSTRAINT account_pkey PRIMARY KEY (id)
);
CREATE OR REPLACE VIEW public.listing AS
 SELECT account.id
   FROM app.account;
-- deletes-data, breaks-users
DROP TABLE public.account;
