CREATE TABLE country (code text CONSTRAINT country_code UNIQUE DEFERRABLE, name text, CONSTRAINT country_code_now UNIQUE (code));
CREATE TABLE city (country text CONSTRAINT in_country REFERENCES country (code));
