CREATE TABLE account (id integer PRIMARY KEY, email text);
CREATE VIEW writable AS SELECT id, upper(email) AS email FROM account;
CREATE FUNCTION write() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER w INSTEAD OF INSERT ON writable FOR EACH ROW EXECUTE FUNCTION write();
