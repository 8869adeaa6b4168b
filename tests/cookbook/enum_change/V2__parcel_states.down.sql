-- Nothing is lost: status was kept in step.
drop trigger parcels_states_in_step on parcels;

drop function parcels_states_in_step();

drop function parcel_status_of(parcel_state);

drop function parcel_state_of(parcel_status);

alter table parcels drop column state;

drop type parcel_state;
