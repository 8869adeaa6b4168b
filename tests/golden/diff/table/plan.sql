CREATE TABLE public.session (
    token uuid NOT NULL,
    account bigint NOT NULL,
    opened timestamp with time zone DEFAULT now() NOT NULL,
    payload jsonb,
    CONSTRAINT session_pkey PRIMARY KEY (token)
);
CREATE INDEX session_account ON public.session USING btree (account);
ALTER TABLE public.session ADD CONSTRAINT session_account_fkey FOREIGN KEY (account) REFERENCES public.account(id) ON DELETE CASCADE;
