-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
create policy own on accounts using (kind = 'free');
-- hazard
drop policy own on accounts;
-- recipe
-- hardtack: allow ban-drop-policy "the other one shows the same rows"
create policy own_2 on accounts using (kind = 'free');
drop policy own on accounts;
