-- needs: 15
CREATE TABLE account (id integer PRIMARY KEY, email text UNIQUE NULLS NOT DISTINCT, phone text UNIQUE, fax text);
CREATE UNIQUE INDEX account_fax ON account (fax) NULLS NOT DISTINCT;
