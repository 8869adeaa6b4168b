CREATE TABLE item (id integer, "Code" text, a integer, b integer, note text);
