select 'column', c.tableoid, c.oid, a.attnum, n.nspname, c.relname, a.attname, '', a.attnum, row_to_json(d)::text
from pg_class c join {schemas} n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid join pg_type t on t.oid = a.atttypid
left join pg_attrdef e on e.adrelid = c.oid and e.adnum = a.attnum
cross join lateral (select format_type(a.atttypid, a.atttypmod) as type,
    case when a.attcollation <> t.typcollation then a.attcollation::regcollation::text end as collation,
    a.attnotnull as not_null,
    {18: case when a.attnotnull then (select nullif(k.conname, c.relname || '_' || a.attname || '_not_null') from pg_constraint k
        where k.conrelid = c.oid and k.contype = 'n' and k.conkey[1] = a.attnum) end else 0: null} as not_null_name,
    {18: a.attnotnull and exists (select from pg_constraint k
        where k.conrelid = c.oid and k.contype = 'n' and k.conkey[1] = a.attnum and not k.convalidated) else 0: false} as not_null_not_valid,
    {18: a.attnotnull and exists (select from pg_constraint k
        where k.conrelid = c.oid and k.contype = 'n' and k.conkey[1] = a.attnum and k.connoinherit) else 0: false} as not_null_no_inherit,
    {18: case when a.attnotnull then (select obj_description(k.oid, 'pg_constraint') from pg_constraint k
        where k.conrelid = c.oid and k.contype = 'n' and k.conkey[1] = a.attnum) end else 0: null} as not_null_comment,
    -- A default names no column, and is deparsed without opening the table.
    case when a.attgenerated = '' then pg_get_expr(e.adbin, 0) end as default,
    case when a.attgenerated <> '' then json_build_object('expression', pg_get_expr(e.adbin, e.adrelid), 'virtual', a.attgenerated = 'v')
        end as generated,
    case when a.attidentity <> '' then (select json_build_object('always', a.attidentity = 'a', 'sequence', i.relname, 'options',
            json_build_object('start', s.seqstart, 'increment', s.seqincrement, 'min', s.seqmin, 'max', s.seqmax, 'cache', s.seqcache,
                'cycle', s.seqcycle))
        from pg_depend d join pg_class i on i.oid = d.objid join pg_sequence s on s.seqrelid = i.oid
        where d.refclassid = c.tableoid and d.refobjid = c.oid and d.refobjsubid = a.attnum and d.classid = c.tableoid
          and d.deptype = 'i') end as identity,
    case when a.attstorage <> t.typstorage then case a.attstorage when 'p' then 'plain' when 'e' then 'external' when 'm' then 'main'
        else 'extended' end end as storage,
    {14: case a.attcompression when 'p' then 'pglz' when 'l' then 'lz4' end else 0: null} as compression,
    case when a.attstattarget >= 0 then a.attstattarget end as statistics,
    case when a.attoptions is null then '[]' else array_to_json(array(select o from unnest(a.attoptions) o order by 1)) end as options,
    case when a.attfdwoptions is null then '[]' else array_to_json(array(select o from unnest(a.attfdwoptions) o order by 1)) end
        as foreign_options,
    not a.attislocal as inherited) d
where c.relkind in ('r', 'p', 'f') and a.attnum > 0 and not a.attisdropped and c.oid not in {members of pg_class}
