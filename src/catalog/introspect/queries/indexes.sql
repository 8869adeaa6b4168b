select 'index', c.tableoid, x.oid, 0, n.nspname, c.relname, x.relname, '', 0, row_to_json(d)::text
from pg_index i join pg_class c on c.oid = i.indrelid join pg_class x on x.oid = i.indexrelid
join {schemas} n on n.oid = c.relnamespace left join pg_tablespace s on s.oid = x.reltablespace
cross join lateral (select i.indisunique as unique,
    -- What stands before it is its own name and its table's.
    substr(pg_get_indexdef(x.oid), length('CREATE ' || case when i.indisunique then 'UNIQUE ' else '' end || 'INDEX ' || quote_ident(x.relname)
        || ' ON ' || case when x.relkind = 'I' then 'ONLY ' else '' end || quote_ident(n.nspname) || '.' || quote_ident(c.relname)
        || ' USING ') + 1) as definition,
    not i.indisvalid as invalid, x.relkind = 'I' as partitioned,
    case when x.relispartition then (select json_build_object('schema', o.nspname, 'name', p.relname)
        from pg_inherits h join pg_class p on p.oid = h.inhparent join pg_namespace o on o.oid = p.relnamespace
        where h.inhrelid = x.oid) end as attached_to,
    s.spcname as tablespace, i.indisclustered as clustered, i.indisreplident as replica_identity,
    case when i.indexprs is null then '[]' else coalesce((select json_agg(json_build_array(a.attnum, a.attstattarget) order by a.attnum)
        from pg_attribute a where a.attrelid = x.oid and a.attstattarget >= 0), '[]') end as statistics) d
where c.relkind in ('r', 'p', 'm') and c.oid not in {members of pg_class}
  and x.oid not in (select k.conindid from pg_constraint k where k.contype in ('p', 'u', 'x'))
