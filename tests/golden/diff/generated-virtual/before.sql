-- needs: 18
CREATE TABLE line (id integer PRIMARY KEY, quantity integer, total integer GENERATED ALWAYS AS (quantity * 2) VIRTUAL, other integer GENERATED ALWAYS AS (quantity + 1) VIRTUAL);
