CREATE TABLE account (id integer PRIMARY KEY, email text, tenant integer, phone text UNIQUE,
    CONSTRAINT email_once UNIQUE (email));
