CREATE TABLE word (id integer PRIMARY KEY, spelling text, sound text COLLATE "C");
CREATE INDEX word_spelling ON word (spelling);
CREATE INDEX word_c ON word (spelling COLLATE "C");
