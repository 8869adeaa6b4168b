CREATE SEQUENCE global_id;
CREATE TABLE one (id bigint PRIMARY KEY DEFAULT nextval('global_id'));
