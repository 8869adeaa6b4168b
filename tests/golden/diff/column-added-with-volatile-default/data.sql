INSERT INTO item (a) VALUES ('a'), ('b');
