-- changes-access
ALTER TABLE public.account OWNER TO golden_writer;
-- changes-access
ALTER TABLE public.ledger OWNER TO CURRENT_USER;
CREATE TABLE public.owned (
    id integer NOT NULL,
    CONSTRAINT owned_pkey PRIMARY KEY (id)
);
ALTER TABLE public.owned OWNER TO golden_reader;
