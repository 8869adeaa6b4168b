-- Concurrently, so that uploads go on meanwhile.
-- hardtack: no-transaction
drop index concurrently findings_resolved_by_idx;

drop index concurrently document_versions_fingerprint_idx;
