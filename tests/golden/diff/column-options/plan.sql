ALTER TABLE public.big ALTER COLUMN a SET (n_distinct=200);
ALTER TABLE public.big ALTER COLUMN b RESET (n_distinct_inherited);
ALTER TABLE public.big ALTER COLUMN c SET (n_distinct_inherited=7);
