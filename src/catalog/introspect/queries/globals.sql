select 'foreign-data wrapper', w.tableoid, w.oid, 0, '', w.fdwname, '', pg_get_userbyid(w.fdwowner), 0, json_build_object(
    'handler', case when w.fdwhandler <> 0 then w.fdwhandler::regproc::text end,
    'validator', case when w.fdwvalidator <> 0 then w.fdwvalidator::regproc::text end,
    'options', array(select o from unnest(w.fdwoptions) o order by 1))::text
from pg_foreign_data_wrapper w where w.oid not in {members of pg_foreign_data_wrapper}

union all
select 'server', s.tableoid, s.oid, 0, '', s.srvname, '', pg_get_userbyid(s.srvowner), 0, json_build_object('wrapper', w.fdwname,
    'type', s.srvtype, 'version', s.srvversion, 'options', array(select o from unnest(s.srvoptions) o order by 1))::text
from pg_foreign_server s join pg_foreign_data_wrapper w on w.oid = s.srvfdw where s.oid not in {members of pg_foreign_server}

union all
select 'user mapping', 'pg_user_mapping'::regclass::oid, u.umid, 0, '', u.srvname, case when u.umuser = 0 then 'public' else u.usename end,
    '', 0, json_build_object('options', array(select split_part(o, '=', 1) from unnest(u.umoptions) o order by 1))::text
from pg_user_mappings u

union all
select 'publication', p.tableoid, p.oid, 0, '', p.pubname, '', pg_get_userbyid(p.pubowner), 0, row_to_json(d)::text
from pg_publication p
cross join lateral (select p.puballtables as all_tables,
    array_remove(array[case when p.pubinsert then 'insert' end, case when p.pubupdate then 'update' end,
        case when p.pubdelete then 'delete' end, case when p.pubtruncate then 'truncate' end], null) as operations,
    p.pubviaroot as via_partition_root,
    {18: case when p.pubgencols = 's' then 'stored' end else 0: null} as generated_columns,
    coalesce((select json_agg(json_build_object('schema', n.nspname, 'name', c.relname,
            'columns', {15: array(select a.attname from unnest(r.prattrs) k join pg_attribute a on a.attrelid = c.oid and a.attnum = k
                order by a.attname) else 0: '{}'::text[]},
            'filter', {15: pg_get_expr(r.prqual, r.prrelid) else 0: null}) order by n.nspname, c.relname)
        from pg_publication_rel r join pg_class c on c.oid = r.prrelid join pg_namespace n on n.oid = c.relnamespace
        where r.prpubid = p.oid), '[]') as tables,
    {15: array(select n.nspname from pg_publication_namespace s join pg_namespace n on n.oid = s.pnnspid where s.pnpubid = p.oid
        order by 1) else 0: '{}'::text[]} as schemas) d

union all
select 'event trigger', e.tableoid, e.oid, 0, '', e.evtname, '', pg_get_userbyid(e.evtowner), 0, json_build_object('event', e.evtevent,
    'tags', array(select t from unnest(e.evttags) t order by 1), 'function', e.evtfoid::regproc::text,
    'enabled', case e.evtenabled when 'D' then 'disabled' when 'R' then 'replica' when 'A' then 'always' end)::text
from pg_event_trigger e where e.oid not in {members of pg_event_trigger}
