CREATE DOMAIN code AS varchar(5);
CREATE DOMAIN price AS numeric(6,1);
CREATE TABLE item (id integer PRIMARY KEY, code code, codes code[], price price, note code);
