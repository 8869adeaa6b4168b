CREATE TABLE item (id integer PRIMARY KEY, quantity integer DEFAULT 1, taken timestamp with time zone, keys text[]);
