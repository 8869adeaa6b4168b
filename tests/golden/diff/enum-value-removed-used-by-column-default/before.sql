CREATE TYPE state AS ENUM ('draft', 'open', 'closed');
CREATE TABLE ticket (id integer PRIMARY KEY, state state NOT NULL DEFAULT 'open', history state[] DEFAULT '{open}');
CREATE INDEX ticket_open ON ticket (id) WHERE state = 'open';
CREATE FUNCTION is_open(state) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT $1 = 'open' $$;
CREATE VIEW open_tickets AS SELECT id, state FROM ticket WHERE state = 'open';
