CREATE TABLE reading (unit text, id integer PRIMARY KEY, value numeric, note text);
