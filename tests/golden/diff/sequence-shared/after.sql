CREATE SEQUENCE global_id;
CREATE TABLE one (id bigint PRIMARY KEY DEFAULT nextval('global_id'));
CREATE TABLE two (id bigint PRIMARY KEY DEFAULT nextval('global_id'));
CREATE SEQUENCE public_id;
CREATE TABLE three (id bigint PRIMARY KEY DEFAULT nextval('public_id') + nextval('global_id'));
