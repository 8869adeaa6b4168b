select 'schema', s.tableoid, s.oid, 0, '', s.nspname, '', pg_get_userbyid(s.nspowner), 0, '{}'
from pg_namespace s join {schemas} n on n.oid = s.oid
where s.oid not in {members of pg_namespace}

union all
select 'extension', e.tableoid, e.oid, 0, '', e.extname, '', '', 0, json_build_object('schema', n.nspname)::text
from pg_extension e join pg_namespace n on n.oid = e.extnamespace

union all
-- The owner of the privileges is part of their name.
select 'default privileges', d.tableoid, d.oid, 0, coalesce(n.nspname, ''),
    case d.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions' when 'T' then 'types'
        when 'n' then 'schemas' when 'L' then 'large objects' end,
    pg_get_userbyid(d.defaclrole), '', 0, '{}'
from pg_default_acl d left join pg_namespace n on n.oid = d.defaclnamespace
