-- The log itself is lost; export it before if it has to be kept.
-- hardtack: lock-timeout 2s
drop trigger api_keys_audit on api_keys;

drop trigger memberships_audit on memberships;

drop trigger organisations_audit on organisations;

drop trigger accounts_audit on accounts;

drop function record_audit();

drop table audit_log;
