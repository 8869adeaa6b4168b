-- Nothing is lost: both are computed from other tables.
drop materialized view organisation_activity;

drop view billing.month_to_date;
