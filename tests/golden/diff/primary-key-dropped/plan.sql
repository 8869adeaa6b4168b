-- breaks-users
ALTER TABLE public.one DROP CONSTRAINT one_pkey;
ALTER TABLE public.one ALTER COLUMN a DROP NOT NULL;
