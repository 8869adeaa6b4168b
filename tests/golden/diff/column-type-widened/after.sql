CREATE TABLE item (
    id bigint PRIMARY KEY,
    code character varying(20) NOT NULL,
    price numeric(12,2),
    stamp timestamp(6) without time zone,
    flags bit(8)
);
CREATE INDEX item_code ON item (code);
