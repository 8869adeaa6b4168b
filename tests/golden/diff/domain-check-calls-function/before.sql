CREATE FUNCTION luhn(text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT $1 ~ '^[0-9]+$' $$;
CREATE DOMAIN card AS text;
