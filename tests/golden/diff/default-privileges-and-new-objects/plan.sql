CREATE TABLE app.open (
    id integer
);
-- changes-access
GRANT SELECT ON TABLE app.open TO golden_reader;
CREATE TABLE app.shut (
    id integer
);
