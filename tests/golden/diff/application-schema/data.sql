INSERT INTO account (email) VALUES ('a@example.org');
INSERT INTO project (account, name) VALUES (1, 'P');
