INSERT INTO job (id) VALUES (1), (2);
