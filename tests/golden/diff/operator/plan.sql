ALTER TABLE public.t ADD COLUMN b text;
-- stays: operator public.~*(integer,integer): it is to be made, and no DDL is known here for its kind: write it by hand
-- stays: operator public.~+(integer,integer): it is another, and no DDL is known here for its kind: write it by hand
