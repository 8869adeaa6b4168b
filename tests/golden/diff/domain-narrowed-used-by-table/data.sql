INSERT INTO item VALUES (1, 'abcde', '{abc,de}', 1.5, 'short'), (2, NULL, NULL, NULL, NULL);
