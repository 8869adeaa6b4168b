drop table parcels;

drop type parcel_status;
