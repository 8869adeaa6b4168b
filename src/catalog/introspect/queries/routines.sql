select case p.prokind when 'p' then 'procedure' else 'function' end, p.tableoid, p.oid, 0, n.nspname, p.proname,
    oidvectortypes(p.proargtypes), pg_get_userbyid(p.proowner), 0, row_to_json(d)::text
from pg_proc p join {schemas} n on n.oid = p.pronamespace
cross join lateral (select pg_get_functiondef(p.oid) as definition, pg_get_function_identity_arguments(p.oid) as arguments,
    pg_get_function_result(p.oid) as result, p.pronargdefaults as defaults) d
where p.prokind <> 'a' and p.oid not in {members of pg_proc}
  -- A range type's constructors come with it.
  and not exists (select from pg_depend i where i.classid = p.tableoid and i.objid = p.oid and i.deptype = 'i')

union all
select 'aggregate', p.tableoid, p.oid, 0, n.nspname, p.proname, case p.pronargs when 0 then '*' else pg_get_function_identity_arguments(p.oid) end,
    pg_get_userbyid(p.proowner), 0, json_build_object('arguments', oidvectortypes(p.proargtypes), 'result', pg_get_function_result(p.oid), 'definition', concat_ws(', ',
        'SFUNC = ' || a.aggtransfn::regproc, 'STYPE = ' || format_type(a.aggtranstype, null),
        'SSPACE = ' || nullif(a.aggtransspace, 0),
        'FINALFUNC = ' || nullif(a.aggfinalfn::regproc::text, '-'), case when a.aggfinalextra then 'FINALFUNC_EXTRA' end,
        'FINALFUNC_MODIFY = ' || case when a.aggfinalfn <> 0 and a.aggfinalmodify <> case when a.aggkind = 'n' then 'r' else 'w' end
            then case a.aggfinalmodify when 'r' then 'READ_ONLY' when 's' then 'SHAREABLE' else 'READ_WRITE' end end,
        'COMBINEFUNC = ' || nullif(a.aggcombinefn::regproc::text, '-'),
        'SERIALFUNC = ' || nullif(a.aggserialfn::regproc::text, '-'),
        'DESERIALFUNC = ' || nullif(a.aggdeserialfn::regproc::text, '-'),
        'INITCOND = ' || quote_literal(a.agginitval),
        'MSFUNC = ' || nullif(a.aggmtransfn::regproc::text, '-'), 'MINVFUNC = ' || nullif(a.aggminvtransfn::regproc::text, '-'),
        'MSTYPE = ' || case when a.aggmtranstype <> 0 then format_type(a.aggmtranstype, null) end,
        'MSSPACE = ' || nullif(a.aggmtransspace, 0),
        'MFINALFUNC = ' || nullif(a.aggmfinalfn::regproc::text, '-'), case when a.aggmfinalextra then 'MFINALFUNC_EXTRA' end,
        'MFINALFUNC_MODIFY = ' || case when a.aggmfinalfn <> 0 and a.aggmfinalmodify <> case when a.aggkind = 'n' then 'r' else 'w' end
            then case a.aggmfinalmodify when 'r' then 'READ_ONLY' when 's' then 'SHAREABLE' else 'READ_WRITE' end end,
        'MINITCOND = ' || quote_literal(a.aggminitval),
        'SORTOP = OPERATOR(' || (select quote_ident(m.nspname) || '.' || o.oprname
            from pg_operator o join pg_namespace m on m.oid = o.oprnamespace where o.oid = a.aggsortop) || ')',
        case when a.aggkind = 'h' then 'HYPOTHETICAL' end,
        case p.proparallel when 's' then 'PARALLEL = safe' when 'r' then 'PARALLEL = restricted' end))::text
from pg_proc p join {schemas} n on n.oid = p.pronamespace join pg_aggregate a on a.aggfnoid = p.oid
where p.oid not in {members of pg_proc}
