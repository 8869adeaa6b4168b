CREATE TABLE person (id integer PRIMARY KEY, first character varying(20), last character varying(20),
    full_name text GENERATED ALWAYS AS (first || ' ' || last) STORED);
CREATE INDEX person_full ON person (full_name);
