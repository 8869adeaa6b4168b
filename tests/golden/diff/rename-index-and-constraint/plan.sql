ALTER INDEX public.idx1 RENAME TO account_a;
ALTER TABLE public.account RENAME CONSTRAINT a_positive TO account_a_positive;
ALTER TABLE public.account RENAME CONSTRAINT pk TO account_key;
