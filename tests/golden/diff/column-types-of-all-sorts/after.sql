CREATE TABLE zoo (
    id integer PRIMARY KEY,
    a smallint, b bigint, c real, d double precision, e numeric, f numeric(10,2), g money,
    h character(3), i character varying, j character varying(7), k text, l bytea, m "char", n name,
    o date, p time(2) without time zone, q time with time zone, r timestamp without time zone, s timestamp(0) with time zone,
    t interval, u interval day to second(3), v boolean, w point, x box, y polygon, z circle,
    aa inet, ab cidr, ac macaddr, ad bit(3), ae bit varying(5), af tsvector, ag tsquery, ah uuid, ai xml, aj json, ak jsonb,
    al int4range, am tstzrange, an integer[], ao text[][], ap numeric(6,3)[], aq character varying(4)[], ar regclass, as_ oid, at jsonpath
);
