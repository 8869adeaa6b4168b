-- needs: 14
CREATE TYPE span AS RANGE (subtype = integer, multirange_type_name = many_spans);
CREATE TABLE reading (id integer PRIMARY KEY, spans many_spans);
