CREATE TABLE line (id integer PRIMARY KEY, quantity integer NOT NULL, price numeric NOT NULL,
    total numeric GENERATED ALWAYS AS (quantity * price * 1.2) STORED,
    label text,
    plain integer GENERATED ALWAYS AS (quantity + 1) STORED);
