-- needs: icu
CREATE COLLATION german (provider = icu, locale = 'de-u-co-phonebk');
CREATE COLLATION insensitive (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE word (id integer PRIMARY KEY, spelling text COLLATE german, sound text COLLATE insensitive);
CREATE INDEX word_spelling ON word (spelling);
COMMENT ON COLLATION german IS 'As in the telephone book';
