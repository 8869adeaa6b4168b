CREATE FUNCTION new_code(length integer) RETURNS text LANGUAGE sql AS $$ SELECT left(md5(random()::text), length) $$;
CREATE TABLE item (id integer PRIMARY KEY, code text DEFAULT new_code(8), other text DEFAULT new_code(4));
