CREATE SCHEMA crm;
COMMENT ON SCHEMA crm IS 'Contacts';
CREATE TABLE crm.contact (id integer PRIMARY KEY);
