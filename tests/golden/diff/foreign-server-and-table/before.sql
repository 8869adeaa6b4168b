CREATE EXTENSION postgres_fdw;
CREATE SERVER remote FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'a.example.org', dbname 'one');
CREATE SERVER gone FOREIGN DATA WRAPPER postgres_fdw;
CREATE USER MAPPING FOR golden_reader SERVER remote OPTIONS (user 'reader', password 'old');
CREATE USER MAPPING FOR PUBLIC SERVER remote;
CREATE FOREIGN TABLE remote_account (id integer OPTIONS (column_name 'identifier') NOT NULL, email text) SERVER remote OPTIONS (table_name 'account');
CREATE FOREIGN TABLE gone_table (id integer) SERVER gone;
