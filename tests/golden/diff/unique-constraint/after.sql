CREATE TABLE account (id integer PRIMARY KEY, email text, tenant integer, phone text UNIQUE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT email_once UNIQUE (tenant, email) INCLUDE (phone), CONSTRAINT tenant_phone UNIQUE (tenant, phone));
COMMENT ON CONSTRAINT email_once ON account IS 'One account an address';
