-- hardtack: no-transaction
-- hardtack: lock-timeout 2s
alter table bookings validate constraint bookings_begins_at_there;

alter table bookings alter column begins_at set not null;

alter table bookings drop constraint bookings_begins_at_there;
