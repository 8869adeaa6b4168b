drop table orphaned_tasks;

drop trigger tasks_change_tenant on tasks;

drop trigger tasks_find_tenant on tasks;

drop function tasks_change_tenant();

drop function tasks_find_tenant();

alter table tasks drop column organisation_id;
