drop table tasks;

drop table projects;

drop table organisations;
