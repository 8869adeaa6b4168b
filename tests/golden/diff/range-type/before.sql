CREATE TYPE float_span AS RANGE (subtype = double precision);
CREATE TYPE gone AS RANGE (subtype = text);
CREATE TABLE reading (id integer PRIMARY KEY, span float_span);
