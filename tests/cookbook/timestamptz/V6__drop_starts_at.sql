-- hardtack: lock-timeout 2s
-- hardtack: allow ban-drop-view "every doubtful booking has been asked after"
-- hardtack: allow ban-drop-column "unused since the release that reads and writes begins_at"
-- hardtack: allow ban-drop-function "it kept starts_at in step"
drop view doubtful_bookings;

drop trigger bookings_times_in_step on bookings;

drop function bookings_times_in_step();

alter table bookings drop column starts_at;
