-- The partitions go with their parent.
drop table analysis_events;
