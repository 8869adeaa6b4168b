-- Nothing un-validates a constraint: each is dropped and added again as V13 made it.
-- hardtack: lock-timeout 2s
alter table accounts
    drop constraint accounts_email_normalised,
    add constraint accounts_email_normalised check (email = lower(btrim(email))) not valid;

alter table findings
    drop constraint findings_resolved_by_fkey,
    add constraint findings_resolved_by_fkey
        foreign key (resolved_by) references accounts (id) on delete set null
        not valid;

alter table analyses
    drop constraint analyses_finished_after_start,
    add constraint analyses_finished_after_start check (finished_at >= started_at) not valid;

alter table document_versions
    drop constraint document_versions_language_form,
    add constraint document_versions_language_form check (language ~ '^[a-z]{3}$') not valid;
