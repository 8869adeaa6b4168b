-- A schema that is in the name of an object needs no edge.
select classid, objid, objsubid, refclassid, refobjid, refobjsubid from pg_depend
where deptype in ('n', 'a', 'i', 'P') and objid >= 16384 and (refobjid >= 16384
    or refclassid = 'pg_namespace'::regclass and classid not in ('pg_class'::regclass, 'pg_type'::regclass, 'pg_proc'::regclass))
