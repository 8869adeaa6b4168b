-- beside: select count(*) from accounts
-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
create index accounts_email on accounts (email);
-- hazard
-- hardtack: no-transaction
drop index concurrently accounts_email;
-- recipe
-- hardtack: no-transaction
-- hardtack: allow ban-drop-index "pg_stat_user_indexes shows no scan since May"
drop index concurrently accounts_email;
