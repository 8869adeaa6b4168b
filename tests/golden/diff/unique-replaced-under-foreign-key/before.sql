CREATE TABLE country (code text CONSTRAINT country_code UNIQUE, name text);
CREATE TABLE city (country text CONSTRAINT in_country REFERENCES country (code));
