select 'sequence', c.tableoid, c.oid, 0, n.nspname, c.relname, '', pg_get_userbyid(c.relowner), 0, row_to_json(d)::text
from pg_class c join {schemas} n on n.oid = c.relnamespace join pg_sequence s on s.seqrelid = c.oid
cross join lateral (select format_type(s.seqtypid, null) as type, c.relpersistence = 'u' as unlogged,
    json_build_object('start', s.seqstart, 'increment', s.seqincrement, 'min', s.seqmin, 'max', s.seqmax, 'cache', s.seqcache,
        'cycle', s.seqcycle) as options,
    (select json_build_array(m.nspname, o.relname, a.attname)
        from pg_depend d join pg_class o on o.oid = d.refobjid join pg_namespace m on m.oid = o.relnamespace
        join pg_attribute a on a.attrelid = o.oid and a.attnum = d.refobjsubid
        where d.classid = c.tableoid and d.objid = c.oid and d.refclassid = c.tableoid and d.deptype = 'a') as owned_by) d
where c.relkind = 'S' and c.oid not in {members of pg_class}
  and not exists (select from pg_depend d where d.classid = c.tableoid and d.objid = c.oid and d.deptype = 'i')
