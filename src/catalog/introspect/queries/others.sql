-- What has no DDL here, with what tells that it changed. Below 16384 is what initdb made.
select 'other', o.catalog, o.oid, 0, '', i.identity, i.type, '', 0, json_build_object('definition', o.definition)::text
from (
    select tableoid as catalog, oid, concat_ws(' ', oprcode::regprocedure, nullif(oprcom, 0)::regoperator, nullif(oprnegate, 0)::regoperator,
        nullif(oprrest, 0)::regproc, nullif(oprjoin, 0)::regproc, oprcanmerge, oprcanhash) as definition
    from pg_operator where oid >= 16384
    union all
    select tableoid, oid, concat_ws(' ', nullif(castfunc, 0)::regprocedure, castcontext, castmethod) from pg_cast where oid >= 16384
    union all
    select tableoid, oid, concat_ws(' ', conproc::regproc, condefault) from pg_conversion where oid >= 16384
    union all
    select c.tableoid, c.oid, (select string_agg(concat_ws(' ', m.maptokentype, m.mapdict::regdictionary), ', '
        order by m.maptokentype, m.mapseqno) from pg_ts_config_map m where m.mapcfg = c.oid)
    from pg_ts_config c where c.oid >= 16384
    union all
    select d.tableoid, d.oid, concat_ws(' ', t.tmplname, d.dictinitoption)
    from pg_ts_dict d join pg_ts_template t on t.oid = d.dicttemplate where d.oid >= 16384
    union all
    select tableoid, oid, concat_ws(' ', prsstart::regproc, prstoken::regproc, prsend::regproc, prsheadline::regproc, prslextype::regproc)
    from pg_ts_parser where oid >= 16384
    union all
    select tableoid, oid, concat_ws(' ', tmplinit::regproc, tmpllexize::regproc) from pg_ts_template where oid >= 16384
    union all
    select c.tableoid, c.oid, concat_ws(' ', format_type(c.opcintype, null), c.opcdefault, format_type(nullif(c.opckeytype, 0), null))
    from pg_opclass c where c.oid >= 16384
    union all
    select f.tableoid, f.oid, concat_ws(', ',
        (select string_agg(concat_ws(' ', a.amopstrategy, a.amopopr::regoperator, a.amoppurpose), ', ' order by a.amopstrategy, a.amopopr)
            from pg_amop a where a.amopfamily = f.oid),
        (select string_agg(concat_ws(' ', a.amprocnum, a.amproc::regprocedure), ', ' order by a.amprocnum, a.amproc::regprocedure::text)
            from pg_amproc a where a.amprocfamily = f.oid))
    from pg_opfamily f where f.oid >= 16384
    union all
    select tableoid, oid, concat_ws(' ', lanpltrusted, nullif(lanplcallfoid, 0)::regproc) from pg_language where oid >= 16384
    union all
    select tableoid, oid, concat_ws(' ', amhandler::regproc, amtype) from pg_am where oid >= 16384
    union all
    select tableoid, oid, concat_ws(' ', nullif(trffromsql, 0)::regprocedure, nullif(trftosql, 0)::regprocedure)
    from pg_transform where oid >= 16384
    union all
    -- What else it holds may be a secret, and its tableoid, before version 14 also its oid, may not be read.
    select 'pg_subscription'::regclass::oid,
        {14: s.oid else 0: (select min(t.subid) from pg_stat_subscription t where t.subname = s.subname)}, concat_ws(' ', s.subenabled, s.subpublications)
    from pg_subscription s join pg_database d on d.oid = s.subdbid where d.datname = current_database()
    union all
    select tableoid, oid, concat_ws(' ', typinput::regproc, typoutput::regproc, typlen, typalign, typstorage)
    from pg_type where typtype in ('b', 'p') and typelem = 0 and oid >= 16384
) o (catalog, oid, definition)
cross join lateral pg_identify_object(o.catalog, o.oid, 0) i
where not exists (select from pg_depend d where d.classid = o.catalog and d.objid = o.oid and d.deptype in ('e', 'i'))
  and (i.schema is null or not starts_with(i.schema, 'pg_toast') and i.schema <> 'hardtack')

union all
select 'other', l.classoid, l.objoid, l.objsubid, '', l.provider || ' on ' || i.type || ' ' || i.identity, 'security label', '', 0,
    json_build_object('definition', l.label)::text
from pg_seclabel l cross join lateral pg_identify_object(l.classoid, l.objoid, l.objsubid) i
