INSERT INTO line (id, quantity, price) VALUES (1, 2, 3.5);
