-- breaks-users
ALTER TYPE public.status RENAME TO state;
