ALTER TABLE public.entry DROP CONSTRAINT entry_account_fkey;
-- breaks-users
ALTER TABLE public.account DROP CONSTRAINT account_pkey;
ALTER TABLE public.entry ADD COLUMN code text;
-- depends-on-data, scans-table
ALTER TABLE public.account ADD CONSTRAINT account_id_key UNIQUE (id);
-- depends-on-data, scans-table
ALTER TABLE public.account ADD CONSTRAINT account_pkey PRIMARY KEY (code);
-- depends-on-data, blocks-writes
ALTER TABLE public.entry ADD CONSTRAINT entry_account_fkey FOREIGN KEY (account) REFERENCES public.account(id);
-- depends-on-data, blocks-writes
ALTER TABLE public.entry ADD CONSTRAINT entry_code_fkey FOREIGN KEY (code) REFERENCES public.account(code);
