CREATE TABLE account (id integer PRIMARY KEY, email text);
CREATE VIEW writable AS SELECT upper(email) AS email, id FROM account;
CREATE FUNCTION write() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER w INSTEAD OF INSERT OR UPDATE ON writable FOR EACH ROW EXECUTE FUNCTION write();
