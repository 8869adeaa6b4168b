CREATE TABLE app.open (
    id integer
);
CREATE TABLE app.shut (
    id integer
);
-- changes-access
REVOKE SELECT ON TABLE app.shut FROM golden_reader;
