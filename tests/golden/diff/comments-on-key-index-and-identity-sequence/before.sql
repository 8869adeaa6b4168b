CREATE TABLE a (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text CONSTRAINT a_email_key UNIQUE, note text);
COMMENT ON INDEX a_email_key IS 'no two';
