INSERT INTO status (status) SELECT 'x' FROM generate_series(1, 5);
