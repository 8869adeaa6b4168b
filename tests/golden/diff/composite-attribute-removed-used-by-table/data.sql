INSERT INTO person VALUES (1, ROW('High Street', '1', 'gb'));
