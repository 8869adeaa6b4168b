INSERT INTO reading (id, value) VALUES (1, 2.5);
