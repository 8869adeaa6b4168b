CREATE SCHEMA one;
CREATE SCHEMA two;
CREATE TYPE one.state AS ENUM ('a');
CREATE TYPE two.state AS ENUM ('a', 'b');
CREATE TABLE one.t (s one.state);
CREATE TABLE two.t (s two.state);
CREATE VIEW one.v AS SELECT t.s FROM one.t;
