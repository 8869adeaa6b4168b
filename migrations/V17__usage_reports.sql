-- Figures for staff: usage against quota (a view, always current) and activity of all customers (refreshed
-- every hour by a job; created empty, so that the migration reads no big table).
-- hardtack: allow require-concurrent-index-creation "the index is on a view that this revision makes, and makes empty"
create view billing.month_to_date as
select
    subscriptions.organisation_id,
    plans.code as plan_code,
    plans.page_quota,
    coalesce(usage.pages, 0)::bigint as pages,
    greatest(coalesce(usage.pages, 0) - plans.page_quota, 0)::bigint as pages_over_quota
from billing.subscriptions
join billing.plans on plans.code = subscriptions.plan_code
left join lateral (
    select sum(usage_records.quantity) as pages
    from billing.usage_records
    where usage_records.organisation_id = subscriptions.organisation_id
        and usage_records.metric = 'pages_analysed'
        and usage_records.day >= date_trunc('month', current_date)::date
) as usage on true
where subscriptions.ended_at is null;

create materialized view organisation_activity as
select
    organisations.id as organisation_id,
    organisations.slug,
    count(distinct documents.id) filter (where documents.deleted_at is null) as documents,
    count(distinct analyses.id) as analyses,
    count(distinct analyses.id) filter (where analyses.status = 'failed') as failed_analyses,
    max(analyses.finished_at) as last_finished_at
from organisations
left join documents on documents.organisation_id = organisations.id
left join document_versions on document_versions.document_id = documents.id
left join analyses on analyses.document_version_id = document_versions.id
group by organisations.id, organisations.slug
with no data;

-- Unique, because "refresh materialized view concurrently" needs it.
create unique index organisation_activity_organisation_id_key on organisation_activity (organisation_id);

comment on view billing.month_to_date is 'Pages analysed this month for each running subscription.';
comment on column billing.month_to_date.pages_over_quota is 'Null for plans without a limit.';
comment on materialized view organisation_activity is 'Refreshed hourly; not readable until the first refresh.';
