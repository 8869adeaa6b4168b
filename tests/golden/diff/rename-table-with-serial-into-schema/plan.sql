-- breaks-users
ALTER TABLE public.t SET SCHEMA x;
