CREATE SCHEMA app;
ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO golden_reader;
CREATE TABLE app.open (id integer);
CREATE TABLE app.shut (id integer);
REVOKE ALL ON app.shut FROM golden_reader;
