alter table tasks disable row level security;

drop policy tasks_tenant on tasks;
