CREATE EXTENSION postgres_fdw;
CREATE SERVER remote FOREIGN DATA WRAPPER postgres_fdw;
CREATE TABLE event (id integer, at date NOT NULL) PARTITION BY RANGE (at);
