CREATE TABLE item (id integer PRIMARY KEY, code varchar(10));
CREATE MATERIALIZED VIEW z_codes AS SELECT id, code FROM item;
CREATE UNIQUE INDEX z_codes_id ON z_codes (id);
CREATE VIEW in_between AS SELECT code FROM z_codes;
CREATE MATERIALIZED VIEW a_codes AS SELECT count(*) FROM in_between;
CREATE MATERIALIZED VIEW never AS SELECT code FROM item WITH NO DATA;
