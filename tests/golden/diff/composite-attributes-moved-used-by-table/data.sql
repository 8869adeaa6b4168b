INSERT INTO holder VALUES (1, (1, 'b', 'o"d,d', ('(x', 2)), NULL), (2, NULL, '{}'), (3, (NULL, NULL, NULL, NULL), NULL);
