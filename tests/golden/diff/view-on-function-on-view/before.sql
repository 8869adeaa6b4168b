CREATE TABLE account (id integer PRIMARY KEY, email text);
CREATE VIEW base AS SELECT id, email FROM account;
CREATE FUNCTION listed() RETURNS SETOF base LANGUAGE sql STABLE AS $$ SELECT * FROM base $$;
CREATE VIEW top AS SELECT id FROM listed();
