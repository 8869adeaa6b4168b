-- What the foreign key of V3 points at: a task follows its project, and its project's organisation.
-- hardtack: no-transaction
-- hardtack: lock-timeout 2s
create unique index concurrently projects_tenant_key on projects (organisation_id, id);
