CREATE TABLE item (
    id integer PRIMARY KEY,
    code character varying(10) NOT NULL,
    price numeric(8,2),
    stamp timestamp(3) without time zone,
    flags bit(4)
);
CREATE INDEX item_code ON item (code);
