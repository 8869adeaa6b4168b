-- Runs of the analyser over a version of a document, and what they found.
create type analysis_status as enum ('queued', 'running', 'succeeded', 'failed', 'cancelled');

create type finding_severity as enum ('info', 'warning', 'critical');

create table analyses (
    id                  bigint generated always as identity primary key,
    organisation_id     bigint          not null references organisations (id) on delete cascade,
    document_version_id bigint          not null references document_versions (id) on delete cascade,
    requested_by        bigint          references accounts (id) on delete set null,
    model               text            not null,
    status              analysis_status not null default 'queued',
    parameters          jsonb           not null default '{}',
    failure             text,
    queued_at           timestamptz     not null default now(),
    started_at          timestamptz,
    finished_at         timestamptz,
    constraint analyses_failure_has_reason check (status <> 'failed' or failure is not null),
    constraint analyses_parameters_is_object check (jsonb_typeof(parameters) = 'object')
);

create index analyses_organisation_id_idx on analyses (organisation_id);
create index analyses_document_version_id_idx on analyses (document_version_id);
create index analyses_requested_by_idx on analyses (requested_by);

-- The work queue: workers take the oldest with "for update skip locked".
create index analyses_queue_idx on analyses (queued_at) where status = 'queued';

create table findings (
    id          bigint generated always as identity primary key,
    analysis_id bigint           not null references analyses (id) on delete cascade,
    rule        text             not null,
    severity    finding_severity not null,
    message     text             not null,
    pages       int4range,
    confidence  double precision not null,
    created_at  timestamptz      not null default now(),
    resolved_at timestamptz,
    constraint findings_confidence_is_a_share check (confidence between 0 and 1),
    constraint findings_pages_not_empty check (not isempty(pages))
);

create index findings_analysis_id_idx on findings (analysis_id);

create view open_findings as
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

comment on table analyses is 'One run of the analyser over one version of a document.';
comment on view open_findings is 'Findings that nobody has resolved, with the document they are about.';
