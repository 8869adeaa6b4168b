select case c.relkind when 'f' then 'foreign table' else 'table' end, c.tableoid, c.oid, 0, n.nspname, c.relname, '', pg_get_userbyid(c.relowner), 0,
    row_to_json(d)::text
from pg_class c join {schemas} n on n.oid = c.relnamespace
left join pg_am m on m.oid = c.relam left join pg_tablespace s on s.oid = c.reltablespace
left join pg_class t on t.oid = c.reltoastrelid
cross join lateral (select case when c.relkind = 'p' then pg_get_partkeydef(c.oid) end as partition_by,
    case when c.relispartition then (select json_build_object('schema', o.nspname, 'name', p.relname, 'bound', pg_get_expr(c.relpartbound, c.oid))
        from pg_inherits i join pg_class p on p.oid = i.inhparent join pg_namespace o on o.oid = p.relnamespace
        where i.inhrelid = c.oid) end as partition_of,
    coalesce(case when not c.relispartition then (select json_agg(json_build_object('schema', o.nspname, 'name', p.relname) order by i.inhseqno)
        from pg_inherits i join pg_class p on p.oid = i.inhparent join pg_namespace o on o.oid = p.relnamespace
        where i.inhrelid = c.oid) end, '[]') as inherits,
    case when c.reloftype <> 0 then format_type(c.reloftype, null) end as of_type,
    c.relpersistence = 'u' as unlogged,
    case when c.reloptions is null and t.reloptions is null then '[]' else array_to_json(array(
        select o from unnest(c.reloptions) o union all select 'toast.' || o from unnest(t.reloptions) o order by 1)) end as options,
    nullif(m.amname, 'heap') as access_method, s.spcname as tablespace,
    c.relrowsecurity as row_security, c.relforcerowsecurity as force_row_security,
    case when c.relkind <> 'f' then case c.relreplident when 'n' then 'nothing' when 'f' then 'full' end end as replica_identity,
    (select json_build_object('server', v.srvname, 'options', array(select o from unnest(f.ftoptions) o order by 1))
        from pg_foreign_table f join pg_foreign_server v on v.oid = f.ftserver where f.ftrelid = c.oid) as foreign) d
where c.relkind in ('r', 'p', 'f') and c.oid not in {members of pg_class}
