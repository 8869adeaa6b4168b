select 'constraint', k.tableoid, k.oid, 0, n.nspname, c.relname, k.conname, '', 0, row_to_json(d)::text
from pg_constraint k join pg_class c on c.oid = k.conrelid join {schemas} n on n.oid = c.relnamespace
left join pg_index i on i.indexrelid = k.conindid and k.contype <> 'f' left join pg_class x on x.oid = i.indexrelid
left join pg_tablespace s on s.oid = x.reltablespace
cross join lateral (select case k.contype when 'p' then 'primary key' when 'u' then 'unique' when 'c' then 'check'
        when 'x' then 'exclusion' else 'foreign key' end as type,
    pg_get_constraintdef(k.oid) as definition,
    -- Numbers, which the reader turns into names.
    coalesce(k.conkey::text[], '{}') as columns,
    k.condeferrable as deferrable, k.condeferred as deferred,
    not k.convalidated as not_valid, {18: not k.conenforced else 0: false} as not_enforced, not k.conislocal as inherited,
    case when x.relispartition then (select json_build_object('schema', o.nspname, 'name', p.relname)
        from pg_inherits h join pg_class p on p.oid = h.inhparent join pg_namespace o on o.oid = p.relnamespace
        where h.inhrelid = x.oid) end as attached_to,
    case when x.reloptions is null then '[]' else array_to_json(array(select o from unnest(x.reloptions) o order by 1)) end as options,
    s.spcname as tablespace, coalesce(i.indisclustered, false) as clustered, coalesce(i.indisreplident, false) as replica_identity) d
where k.contype in ('p', 'u', 'c', 'x', 'f') and (k.contype <> 'f' or k.conparentid = 0) and c.oid not in {members of pg_class}
