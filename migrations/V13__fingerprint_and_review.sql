-- Room for near-duplicate detection and for review of findings. New rules on existing tables hold for new
-- rows from here on; V16 checks the old ones without blocking anybody.
-- hardtack: lock-timeout 2s
alter table document_versions
    add column fingerprint bigint,
    add column language text not null default 'und';

comment on column document_versions.fingerprint is 'Simhash of extracted_text; close in Hamming distance means alike.';
comment on column document_versions.language is 'ISO 639-3 code; und while nobody has looked.';

alter table document_versions
    add constraint document_versions_language_form check (language ~ '^[a-z]{3}$') not valid;

alter table analyses
    add constraint analyses_finished_after_start check (finished_at >= started_at) not valid;

alter table findings
    add column resolved_by bigint;

alter table findings
    add constraint findings_resolved_by_fkey
    foreign key (resolved_by) references accounts (id) on delete set null
    not valid;

alter table accounts
    add constraint accounts_email_normalised check (email = lower(btrim(email))) not valid;
