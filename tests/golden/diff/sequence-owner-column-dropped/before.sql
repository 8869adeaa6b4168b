CREATE TABLE one (id integer PRIMARY KEY, number integer);
CREATE SEQUENCE numbers OWNED BY one.number;
ALTER TABLE one ALTER COLUMN number SET DEFAULT nextval('numbers');
