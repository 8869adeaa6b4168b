-- breaks-users
ALTER TABLE public.booking DROP CONSTRAINT booking_during_excl;
-- breaks-users
ALTER TABLE public.booking DROP CONSTRAINT gone;
-- depends-on-data, scans-table
ALTER TABLE public.booking ADD CONSTRAINT apart EXCLUDE USING hash (room WITH =);
-- depends-on-data, scans-table
ALTER TABLE public.booking ADD CONSTRAINT booking_room_during_excl EXCLUDE USING gist (room WITH =, during WITH &&) WHERE ((NOT cancelled)) DEFERRABLE INITIALLY DEFERRED;
