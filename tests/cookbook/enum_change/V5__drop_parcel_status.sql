-- hardtack: lock-timeout 2s
-- hardtack: allow ban-drop-column "unused since the release that reads and writes state"
-- hardtack: allow ban-drop-function "they kept status in step"
-- hardtack: allow ban-drop-type "only status had it"
drop trigger parcels_states_in_step on parcels;

drop function parcels_states_in_step();

drop function parcel_status_of(parcel_state);

drop function parcel_state_of(parcel_status);

alter table parcels
    drop column status,
    alter column state set default 'open';

drop type parcel_status;
