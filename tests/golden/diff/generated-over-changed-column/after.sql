CREATE TABLE person (id integer PRIMARY KEY, first text, last text,
    full_name text GENERATED ALWAYS AS (first || ' ' || last) STORED);
CREATE INDEX person_full ON person (full_name);
