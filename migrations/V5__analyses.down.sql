-- The view reads both tables, and the tables use both types.
drop view open_findings;

drop table findings;

drop table analyses;

drop type finding_severity;

drop type analysis_status;
