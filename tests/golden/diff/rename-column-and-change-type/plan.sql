-- deletes-data, breaks-users
ALTER TABLE public.account DROP COLUMN cents;
ALTER TABLE public.account ADD COLUMN amount bigint DEFAULT 1 NOT NULL;
