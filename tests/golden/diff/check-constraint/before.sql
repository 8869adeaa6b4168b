CREATE TABLE item (id integer PRIMARY KEY, price numeric CHECK (price > 0), stock integer, CONSTRAINT old CHECK (stock > 0));
