-- The first statement reads the table under a lock that lets everybody read and write. What it has proven, the second need not scan for.
-- hardtack: no-transaction
-- hardtack: lock-timeout 2s
alter table customers validate constraint customers_given_name_there;

alter table customers alter column given_name set not null;

alter table customers drop constraint customers_given_name_there;
