-- hardtack: lock-timeout 500ms
alter table tasks add column organisation_id bigint;

-- Without an organisation it is not checked, so the tasks that are there do no harm. A project that moves takes its tasks along.
alter table tasks
    add constraint tasks_project_fkey foreign key (organisation_id, project_id)
    references projects (organisation_id, id) on update cascade not valid;

-- For the release that does not know the column. The lock waits for a project that is moving just then.
create function tasks_find_tenant() returns trigger
    language plpgsql
as $$
begin
    if new.organisation_id is null then
        select organisation_id into new.organisation_id from projects where id = new.project_id for key share;
    end if;
    return new;
end
$$;

create trigger tasks_find_tenant before insert on tasks
    for each row execute function tasks_find_tenant();

create function tasks_change_tenant() returns trigger
    language plpgsql
as $$
begin
    if new.organisation_id is not distinct from old.organisation_id then
        new.organisation_id := (select organisation_id from projects where id = new.project_id for key share);
    end if;
    return new;
end
$$;

create trigger tasks_change_tenant before update of project_id on tasks
    for each row when (new.project_id is distinct from old.project_id)
    execute function tasks_change_tenant();

-- Where the tasks go that belong to nobody.
create table orphaned_tasks (like tasks);
