-- The upload page asks for versions with the same fingerprint; the review queue for one person's findings.
-- hardtack: no-transaction
create index concurrently document_versions_fingerprint_idx on document_versions (fingerprint)
    where fingerprint is not null;

create index concurrently findings_resolved_by_idx on findings (resolved_by)
    where resolved_by is not null;
