-- breaks-users
ALTER TABLE public.account SET SCHEMA app;
