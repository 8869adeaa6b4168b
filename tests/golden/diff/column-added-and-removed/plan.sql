-- deletes-data, breaks-users
ALTER TABLE public.account DROP COLUMN nickname;
ALTER TABLE public.account ADD COLUMN active boolean DEFAULT true NOT NULL;
ALTER TABLE public.account ADD COLUMN seen date;
