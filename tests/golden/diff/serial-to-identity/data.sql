INSERT INTO ticket (title) VALUES ('x');
