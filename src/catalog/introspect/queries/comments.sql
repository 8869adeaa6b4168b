-- Composite types' attributes and views' columns have theirs in their definitions. An extension sets its own,
-- and says so unless somebody has put another in its place.
select classoid, objoid, objsubid, description from pg_description
where (objoid >= 16384 or classoid = 'pg_namespace'::regclass and description <> 'standard public schema')
  and (classoid <> 'pg_extension'::regclass or description is distinct from (select a.comment
    from pg_extension e join pg_available_extensions() a on a.name = e.extname where e.oid = objoid))
