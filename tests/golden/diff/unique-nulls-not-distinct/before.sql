-- needs: 15
CREATE TABLE account (id integer PRIMARY KEY, email text UNIQUE, phone text UNIQUE NULLS NOT DISTINCT, fax text);
CREATE UNIQUE INDEX account_fax ON account (fax);
