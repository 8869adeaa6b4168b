CREATE TABLE account (email text NOT NULL);
CREATE UNIQUE INDEX account_email_key ON account (email);
