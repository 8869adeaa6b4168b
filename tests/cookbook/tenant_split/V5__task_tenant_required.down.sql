-- hardtack: no-transaction
drop index concurrently tasks_tenant_idx;

alter table tasks
    alter column organisation_id drop not null,
    alter column project_id drop not null,
    drop constraint tasks_project_fkey,
    add constraint tasks_project_fkey foreign key (organisation_id, project_id)
    references projects (organisation_id, id) on update cascade not valid;
