CREATE TABLE ticket (id integer PRIMARY KEY, state text NOT NULL DEFAULT 'open');
CREATE INDEX ticket_open ON ticket (id) WHERE state = 'open';
