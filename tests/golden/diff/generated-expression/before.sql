CREATE TABLE line (id integer PRIMARY KEY, quantity integer NOT NULL, price numeric NOT NULL,
    total numeric GENERATED ALWAYS AS (quantity * price) STORED,
    label text GENERATED ALWAYS AS ('line') STORED,
    plain integer);
