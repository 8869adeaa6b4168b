CREATE TABLE reading (id integer PRIMARY KEY, gone text, value numeric);
ALTER TABLE reading DROP COLUMN gone;
