CREATE TYPE float_span AS RANGE (subtype = double precision, subtype_diff = float8mi);
CREATE TYPE word_span AS RANGE (subtype = text, collation = "C");
CREATE TABLE reading (id integer PRIMARY KEY, span float_span, words word_span);
COMMENT ON TYPE word_span IS 'A part of the dictionary';
