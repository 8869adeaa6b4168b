-- hardtack: no-transaction
drop index concurrently parcels_open_state_idx;

alter table parcels
    alter column state drop not null,
    add constraint parcels_state_there check (state is not null) not valid;
