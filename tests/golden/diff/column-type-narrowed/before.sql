CREATE TABLE item (
    id integer PRIMARY KEY, a numeric(10,4), b interval, c varchar(20), d text, e text[], f bit varying(8), g text, h character(9),
    i time, j timestamp, k double precision, l numeric(10,4)[]
);
