-- A second fence between customers: the application's role sees the rows of one organisation only, whatever
-- a query forgot. The tables' owner, who runs migrations and jobs, is not restricted.
-- hardtack: lock-timeout 2s
create function current_organisation_id() returns bigint
    language sql
    stable
as $$
    select nullif(current_setting('app.organisation_id', true), '')::bigint
$$;

comment on function current_organisation_id() is 'The setting app.organisation_id; null, and so no rows, if unset.';

create policy uploads_tenant on uploads
    using (organisation_id = current_organisation_id())
    with check (organisation_id = current_organisation_id());

create policy documents_tenant on documents
    using (organisation_id = current_organisation_id())
    with check (organisation_id = current_organisation_id());

-- Versions follow their document, findings their analysis: the inner query is under the same policies.
create policy document_versions_tenant on document_versions
    using (exists (select from documents where documents.id = document_versions.document_id));

create policy analyses_tenant on analyses
    using (organisation_id = current_organisation_id())
    with check (organisation_id = current_organisation_id());

create policy findings_tenant on findings
    using (exists (select from analyses where analyses.id = findings.analysis_id));

-- A revoked key is history: it may be read, not changed.
create policy api_keys_tenant_reads on api_keys
    for select
    using (organisation_id = current_organisation_id());

create policy api_keys_tenant_adds on api_keys
    for insert
    with check (organisation_id = current_organisation_id());

create policy api_keys_tenant_changes_live_ones on api_keys
    for update
    using (organisation_id = current_organisation_id() and revoked_at is null)
    with check (organisation_id = current_organisation_id());

-- A view reads its tables with its owner's rights, past the policies (security_invoker needs PostgreSQL 15).
create or replace view open_findings with (security_barrier) as
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
where findings.resolved_at is null
    and (
        not row_security_active('analyses'::regclass)
        or analyses.organisation_id = current_organisation_id()
    );

alter table uploads enable row level security;

alter table documents enable row level security;

alter table document_versions enable row level security;

alter table analyses enable row level security;

alter table findings enable row level security;

alter table api_keys enable row level security;
