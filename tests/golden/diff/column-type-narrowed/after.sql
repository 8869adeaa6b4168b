CREATE TABLE item (
    id integer PRIMARY KEY, a numeric(6,1), b interval(0), c varchar(10), d varchar(3), e varchar(3)[], f bit varying(3), g bit(3),
    h character(4), i time(0), j timestamp(3), k numeric(5,2), l numeric(6,1)[]
);
