-- What status had, state gets too: the index and the check for null.
-- hardtack: no-transaction
-- hardtack: lock-timeout 2s
alter table parcels validate constraint parcels_state_there;

alter table parcels alter column state set not null;

alter table parcels drop constraint parcels_state_there;

create index concurrently parcels_open_state_idx on parcels (id) where state = 'open';
