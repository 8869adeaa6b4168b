-- Leaves the application's own conditions as the only fence between customers.
-- hardtack: lock-timeout 2s
alter table api_keys disable row level security;

alter table findings disable row level security;

alter table analyses disable row level security;

alter table document_versions disable row level security;

alter table documents disable row level security;

alter table uploads disable row level security;

create or replace view open_findings as
select
    findings.id,
    analyses.organisation_id,
    document_versions.document_id,
    findings.rule,
    findings.severity,
    findings.message,
    findings.pages,
    findings.confidence,
    findings.created_at
from findings
join analyses on analyses.id = findings.analysis_id
join document_versions on document_versions.id = analyses.document_version_id
where findings.resolved_at is null;

drop policy api_keys_tenant_changes_live_ones on api_keys;

drop policy api_keys_tenant_adds on api_keys;

drop policy api_keys_tenant_reads on api_keys;

drop policy findings_tenant on findings;

drop policy analyses_tenant on analyses;

drop policy document_versions_tenant on document_versions;

drop policy documents_tenant on documents;

drop policy uploads_tenant on uploads;

drop function current_organisation_id();
