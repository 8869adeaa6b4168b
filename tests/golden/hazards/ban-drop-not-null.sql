-- before
create table accounts (id bigint primary key, email text not null);
-- hazard
alter table accounts alter column email drop not null;
-- recipe
-- hardtack: allow ban-drop-not-null "every version has coped with null since 2.3"
alter table accounts alter column email drop not null;
