-- The application says for whom it works, in each transaction: set_config('app.organisation_id', .., true). Who owns the table,
-- and runs the migrations, is not restricted: a backfill that a policy applies to finds no rows, and says that it is done.
-- hardtack: lock-timeout 2s
-- hardtack: check "the owner still sees all" select count(*) = 0 from pg_class where oid = 'tasks'::regclass and relforcerowsecurity
create policy tasks_tenant on tasks
    using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::bigint)
    with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::bigint);

alter table tasks enable row level security;
