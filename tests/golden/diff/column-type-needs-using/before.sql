CREATE TABLE item (id integer PRIMARY KEY, quantity text DEFAULT '1', taken timestamp without time zone, keys text);
