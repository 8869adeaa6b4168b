select case c.relkind when 'm' then 'materialized view' else 'view' end, c.tableoid, c.oid, 0, n.nspname, c.relname, '', pg_get_userbyid(c.relowner), 0,
    row_to_json(d)::text
from pg_class c join {schemas} n on n.oid = c.relnamespace
left join pg_am m on m.oid = c.relam left join pg_tablespace s on s.oid = c.reltablespace
cross join lateral (select rtrim(pg_get_viewdef(c.oid), ';') as query,
    (select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
            'collation', case when a.attcollation <> t.typcollation then a.attcollation::regcollation::text end,
            'default', (select pg_get_expr(e.adbin, e.adrelid) from pg_attrdef e where e.adrelid = c.oid and e.adnum = a.attnum),
            'comment', col_description(c.oid, a.attnum), 'statistics', case when a.attstattarget >= 0 then a.attstattarget end) order by a.attnum)
        from pg_attribute a join pg_type t on t.oid = a.atttypid
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
    array(select o from unnest(c.reloptions) o order by 1) as options,
    nullif(m.amname, 'heap') as access_method, s.spcname as tablespace, not c.relispopulated as unpopulated) d
where c.relkind in ('v', 'm') and c.oid not in {members of pg_class}

union all
select 'statistics', s.tableoid, s.oid, 0, n.nspname, s.stxname, '', pg_get_userbyid(s.stxowner), 0, json_build_object(
    -- Columns by name: the order of those of a table says nothing.
    'definition', coalesce(replace(pg_get_statisticsobjdef(s.oid), ' ON ' || k.by_number, ' ON ' || k.by_name), pg_get_statisticsobjdef(s.oid)),
    'target', case when s.stxstattarget >= 0 then s.stxstattarget end)::text
from pg_statistic_ext s join {schemas} n on n.oid = s.stxnamespace
cross join lateral (select string_agg(quote_ident(a.attname), ', ' order by a.attnum) as by_number,
        string_agg(quote_ident(a.attname), ', ' order by a.attname) as by_name
    from pg_attribute a where a.attrelid = s.stxrelid and a.attnum = any (s.stxkeys::int2[])) k

union all
select 'rule', r.tableoid, r.oid, 0, n.nspname, c.relname, r.rulename, '', 0, json_build_object(
    'definition', rtrim(pg_get_ruledef(r.oid), ';'), 'enabled', case r.ev_enabled when 'D' then 'disabled' when 'R' then 'replica' when 'A' then 'always' end)::text
from pg_rewrite r join pg_class c on c.oid = r.ev_class join {schemas} n on n.oid = c.relnamespace
where r.rulename <> '_RETURN' and c.oid not in {members of pg_class}

union all
-- A partition's copies of its parent's triggers come with them.
select 'trigger', t.tableoid, t.oid, 0, n.nspname, c.relname, t.tgname, '', 0, json_build_object(
    'definition', pg_get_triggerdef(t.oid), 'enabled', case t.tgenabled when 'D' then 'disabled' when 'R' then 'replica' when 'A' then 'always' end)::text
from pg_trigger t join pg_class c on c.oid = t.tgrelid join {schemas} n on n.oid = c.relnamespace
where not t.tgisinternal and t.tgparentid = 0 and c.oid not in {members of pg_class}

union all
select 'policy', p.tableoid, p.oid, 0, n.nspname, c.relname, p.polname, '', 0, row_to_json(d)::text
from pg_policy p join pg_class c on c.oid = p.polrelid join {schemas} n on n.oid = c.relnamespace
cross join lateral (select not p.polpermissive as restrictive,
    case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end as command,
    (select json_agg(r order by r) from (select case when o = 0 then 'public' else o::regrole::text end as r from unnest(p.polroles) o) r) as roles,
    pg_get_expr(p.polqual, p.polrelid) as using, pg_get_expr(p.polwithcheck, p.polrelid) as check) d
where c.oid not in {members of pg_class}
