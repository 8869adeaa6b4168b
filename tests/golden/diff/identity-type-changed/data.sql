INSERT INTO account (name) VALUES ('a'), ('b');
