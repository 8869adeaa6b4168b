-- hardtack: no-transaction
drop index concurrently projects_tenant_key;
