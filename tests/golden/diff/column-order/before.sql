CREATE TABLE reading (id integer PRIMARY KEY, value numeric, unit text);
