-- needs: icu
CREATE COLLATION german (provider = icu, locale = 'de');
CREATE COLLATION gone FROM "C";
CREATE TABLE word (id integer PRIMARY KEY, spelling text COLLATE german);
CREATE INDEX word_spelling ON word (spelling);
