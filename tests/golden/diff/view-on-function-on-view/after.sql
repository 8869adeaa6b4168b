CREATE TABLE account (id bigint PRIMARY KEY, email text);
CREATE VIEW base AS SELECT id, email, id + 1 AS next FROM account;
CREATE FUNCTION listed() RETURNS SETOF base LANGUAGE sql STABLE AS $$ SELECT * FROM base $$;
CREATE VIEW top AS SELECT id, next FROM listed();
