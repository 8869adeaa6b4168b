INSERT INTO cache VALUES ('k', 'v');
