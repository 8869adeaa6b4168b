-- needs: 18
CREATE TABLE line (id integer PRIMARY KEY, quantity integer, total integer GENERATED ALWAYS AS (quantity * 3) VIRTUAL, other integer GENERATED ALWAYS AS (quantity + 1) STORED, more integer GENERATED ALWAYS AS (quantity - 1) VIRTUAL);
