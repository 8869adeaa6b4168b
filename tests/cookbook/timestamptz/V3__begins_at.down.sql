-- Nothing is lost: starts_at was kept in step.
drop view doubtful_bookings;

drop trigger bookings_times_in_step on bookings;

drop function bookings_times_in_step();

alter table bookings drop column begins_at;
