-- Composite types' attributes and views' columns have theirs in their definitions, and an extension sets its own.
select classoid, objoid, objsubid, description from pg_description
where (objoid >= 16384 or classoid = 'pg_namespace'::regclass and description <> 'standard public schema')
  and classoid <> 'pg_extension'::regclass
