CREATE TABLE word (id integer PRIMARY KEY, spelling text COLLATE "C", sound text);
CREATE INDEX word_spelling ON word (spelling);
CREATE INDEX word_c ON word (spelling COLLATE "POSIX");
