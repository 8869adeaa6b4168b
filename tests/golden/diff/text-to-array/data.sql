INSERT INTO item VALUES (1, '{a,b}', '1.5', 1);
