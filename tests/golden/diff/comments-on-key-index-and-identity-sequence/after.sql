CREATE TABLE a (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text CONSTRAINT a_email_key UNIQUE, note text);
COMMENT ON INDEX a_pkey IS 'of the key';
COMMENT ON CONSTRAINT a_pkey ON a IS 'the key';
COMMENT ON SEQUENCE a_id_seq IS 'of the column';
CREATE TABLE b (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
COMMENT ON INDEX b_pkey IS 'of another key';
COMMENT ON SEQUENCE b_id_seq IS 'of another column';
