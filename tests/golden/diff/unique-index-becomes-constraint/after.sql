CREATE TABLE account (email text NOT NULL CONSTRAINT account_email_key UNIQUE);
