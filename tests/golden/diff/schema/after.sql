CREATE SCHEMA crm;
COMMENT ON SCHEMA crm IS 'Contacts and companies';
ALTER SCHEMA crm OWNER TO golden_writer;
CREATE TABLE crm.contact (id integer PRIMARY KEY);
CREATE SCHEMA billing;
CREATE TABLE billing.invoice (id integer PRIMARY KEY, contact integer REFERENCES crm.contact);
