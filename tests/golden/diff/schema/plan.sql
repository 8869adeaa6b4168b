CREATE SCHEMA billing;
-- changes-access
ALTER SCHEMA crm OWNER TO golden_writer;
COMMENT ON SCHEMA crm IS 'Contacts and companies';
CREATE TABLE billing.invoice (
    id integer NOT NULL,
    contact integer,
    CONSTRAINT invoice_pkey PRIMARY KEY (id)
);
ALTER TABLE billing.invoice ADD CONSTRAINT invoice_contact_fkey FOREIGN KEY (contact) REFERENCES crm.contact(id);
