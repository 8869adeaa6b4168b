-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
-- hazard
create policy own on accounts using (kind = 'free');
-- recipe
-- hardtack: allow ban-create-policy "row level security is off"
create policy own on accounts using (kind = 'free');
