-- deletes-data, breaks-users
ALTER TYPE public.address DROP ATTRIBUTE zip;
