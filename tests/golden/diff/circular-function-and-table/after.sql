CREATE TABLE unrelated (id integer);
CREATE TABLE account (id integer PRIMARY KEY, parent integer);
CREATE FUNCTION is_root(account) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT $1.parent IS NULL $$;
CREATE FUNCTION next_account() RETURNS integer LANGUAGE sql AS $$ SELECT coalesce(max(id), 0) + 1 FROM account $$;
ALTER TABLE account ALTER COLUMN id SET DEFAULT next_account();
ALTER TABLE account ADD CONSTRAINT roots CHECK (is_root(account.*) OR parent > 0);
CREATE INDEX account_root ON account (is_root(account.*));
