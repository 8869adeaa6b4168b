-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
-- hazard
alter table accounts enable row level security;
-- recipe
-- hardtack: allow ban-alter-row-level-security "the policy shows what the application reads"
create policy everything on accounts using (true);
alter table accounts enable row level security;
