-- hardtack: no-transaction
-- hardtack: lock-timeout 2s
alter table tasks validate constraint tasks_project_fkey;

alter table tasks
    add constraint tasks_tenant_there check (organisation_id is not null and project_id is not null) not valid;

alter table tasks validate constraint tasks_tenant_there;

alter table tasks
    alter column organisation_id set not null,
    alter column project_id set not null;

alter table tasks drop constraint tasks_tenant_there;

-- Every query of a tenant begins with its organisation.
create index concurrently tasks_tenant_idx on tasks (organisation_id, project_id);
