select 'collation', c.tableoid, c.oid, 0, n.nspname, c.collname, '', pg_get_userbyid(c.collowner), 0, row_to_json(d)::text
from pg_collation c join {schemas} n on n.oid = c.collnamespace
cross join lateral (select case c.collprovider when 'c' then 'libc' when 'i' then 'icu' when 'b' then 'builtin' else 'default' end as provider,
    {17: coalesce(c.colllocale, c.collcollate) else 15: coalesce(c.colliculocale, c.collcollate) else 0: c.collcollate} as locale,
    case when c.collprovider = 'c' then c.collctype end as lc_ctype, not c.collisdeterministic as nondeterministic,
    {16: c.collicurules else 0: null} as rules) d
where c.oid not in {members of pg_collation}

union all
select 'enum', t.tableoid, t.oid, 0, n.nspname, t.typname, '', pg_get_userbyid(t.typowner), 0, json_build_object('labels',
    coalesce((select json_agg(e.enumlabel order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid), '[]'))::text
from pg_type t join {schemas} n on n.oid = t.typnamespace
where t.typtype = 'e' and t.oid not in {members of pg_type}

union all
select 'domain', t.tableoid, t.oid, 0, n.nspname, t.typname, '', pg_get_userbyid(t.typowner), 0, row_to_json(d)::text
from pg_type t join {schemas} n on n.oid = t.typnamespace join pg_type b on b.oid = t.typbasetype
cross join lateral (select format_type(t.typbasetype, t.typtypmod) as type,
    case when t.typcollation <> b.typcollation then t.typcollation::regcollation::text end as collation, t.typnotnull as not_null,
    coalesce(pg_get_expr(t.typdefaultbin, 0), quote_literal(t.typdefault)) as default,
    coalesce((select json_agg(json_build_object('name', k.conname, 'definition', regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', ''),
            'not_valid', not k.convalidated, 'comment', obj_description(k.oid, 'pg_constraint')) order by k.conname)
        from pg_constraint k where k.contypid = t.oid and k.contype = 'c'), '[]') as constraints) d
where t.typtype = 'd' and t.oid not in {members of pg_type}

union all
select 'composite type', t.tableoid, t.oid, 0, n.nspname, t.typname, '', pg_get_userbyid(t.typowner), 0, json_build_object('attributes',
    coalesce((select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'collation',
            case when a.attcollation <> b.typcollation then a.attcollation::regcollation::text end,
            'comment', col_description(c.oid, a.attnum)) order by a.attnum)
        from pg_attribute a join pg_type b on b.oid = a.atttypid
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), '[]'))::text
from pg_type t join {schemas} n on n.oid = t.typnamespace join pg_class c on c.oid = t.typrelid
where c.relkind = 'c' and t.oid not in {members of pg_type}

union all
select 'range type', t.tableoid, t.oid, 0, n.nspname, t.typname, '', pg_get_userbyid(t.typowner), 0, row_to_json(d)::text
from pg_type t join {schemas} n on n.oid = t.typnamespace join pg_range r on r.rngtypid = t.oid
join pg_type b on b.oid = r.rngsubtype join pg_opclass o on o.oid = r.rngsubopc join pg_namespace p on p.oid = o.opcnamespace
cross join lateral (select format_type(r.rngsubtype, null) as subtype,
    case when not o.opcdefault then quote_ident(p.nspname) || '.' || quote_ident(o.opcname) end as operator_class,
    case when r.rngcollation <> b.typcollation then r.rngcollation::regcollation::text end as collation,
    case when r.rngcanonical <> 0 then r.rngcanonical::regproc::text end as canonical,
    case when r.rngsubdiff <> 0 then r.rngsubdiff::regproc::text end as difference,
    {14: (select m.typname from pg_type m where m.oid = r.rngmultitypid) else 0: null} as multirange) d
where t.oid not in {members of pg_type}
