CREATE TYPE size AS ENUM ('tiny', 'small', 'medium', 'large', 'huge');
CREATE TABLE shirt (id integer PRIMARY KEY, size size);
