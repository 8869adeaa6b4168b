INSERT INTO capital (name, population, state) VALUES ('Rome', 1, 'I');
