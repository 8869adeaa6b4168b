ALTER SEQUENCE public.numbers OWNED BY NONE;
-- deletes-data, breaks-users
ALTER TABLE public.one DROP COLUMN number;
