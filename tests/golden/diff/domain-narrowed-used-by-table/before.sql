CREATE DOMAIN code AS text;
CREATE DOMAIN price AS numeric(10,4);
CREATE TABLE item (id integer PRIMARY KEY, code code, codes code[], price price, note text);
