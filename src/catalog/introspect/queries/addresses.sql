-- What the catalog has apart and people take for one: the first is part of the second.
select tableoid, oid, 'pg_class'::regclass::oid, adrelid, adnum from pg_attrdef
union all
select tableoid, oid, 'pg_class'::regclass::oid, ev_class, 0 from pg_rewrite where rulename = '_RETURN' and oid >= 16384
union all
select t.tableoid, t.oid, 'pg_class'::regclass::oid, t.typrelid, 0 from pg_type t join pg_class c on c.oid = t.typrelid
where c.relkind <> 'c' and t.oid >= 16384
union all
select c.tableoid, c.oid, t.tableoid, t.oid, 0 from pg_type t join pg_class c on c.oid = t.typrelid where c.relkind = 'c' and t.oid >= 16384
union all
select tableoid, typarray, tableoid, oid, 0 from pg_type where typarray <> 0 and oid >= 16384
union all
select 'pg_type'::regclass::oid, {14: rngmultitypid else 0: rngtypid}, 'pg_type'::regclass::oid, rngtypid, 0 from pg_range where rngtypid >= 16384
union all
select 'pg_class'::regclass::oid, conindid, tableoid, oid, 0 from pg_constraint where contype in ('p', 'u', 'x')
union all
select tableoid, oid, 'pg_type'::regclass::oid, contypid, 0 from pg_constraint where contypid <> 0
union all
select classid, objid, refclassid, refobjid, refobjsubid from pg_depend
where classid = 'pg_class'::regclass and refclassid = 'pg_class'::regclass and refobjsubid > 0 and deptype = 'i'
union all
select classid, objid, refclassid, refobjid, 0 from pg_depend where refclassid = 'pg_extension'::regclass and deptype = 'e'
