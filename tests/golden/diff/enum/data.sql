INSERT INTO account VALUES (1, 'team');
