-- breaks-users
ALTER TABLE public.t RENAME COLUMN id TO pid;
