CREATE FUNCTION luhn_valid(text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT $1 ~ '^[0-9]+$' $$;
CREATE DOMAIN card AS text CONSTRAINT luhn CHECK (luhn_valid(VALUE));
CREATE FUNCTION masked(card) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT '****' $$;
