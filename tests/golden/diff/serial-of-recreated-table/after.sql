CREATE TABLE event (id serial, at date, other integer) PARTITION BY LIST (at);
CREATE TABLE other (id integer DEFAULT nextval('event_id_seq'));
