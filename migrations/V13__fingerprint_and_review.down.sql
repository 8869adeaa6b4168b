-- Constraints on dropped columns go with them.
-- hardtack: lock-timeout 2s
alter table accounts drop constraint accounts_email_normalised;

alter table findings drop column resolved_by;

alter table analyses drop constraint analyses_finished_after_start;

alter table document_versions
    drop column language,
    drop column fingerprint;
