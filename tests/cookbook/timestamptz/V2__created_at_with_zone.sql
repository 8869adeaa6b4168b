-- In UTC both types are the same on disk, so the table is not written again; its indexes on the column are built again, under the
-- lock. The default has to change in the same statement: its value would be cast in the time zone of whoever inserts.
-- hardtack: lock-timeout 2s
-- hardtack: allow ban-drop-default "the new one comes in the same statement"
-- hardtack: allow changing-column-type "UTC to UTC rewrites no row"
set local time zone 'UTC';

alter table bookings
    alter column created_at drop default,
    alter column created_at type timestamptz,
    alter column created_at set default now();
