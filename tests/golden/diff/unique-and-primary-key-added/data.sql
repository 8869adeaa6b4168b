INSERT INTO item VALUES (1, 'a', 1, 1), (2, 'b', 1, 2);
