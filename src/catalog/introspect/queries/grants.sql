-- Where privileges differ from those of a new object, or from initdb's.
with changed (catalog, oid, sub, kind, owner, acl) as (
    select tableoid, oid, 0, case relkind when 'S' then 's'::"char" else 'r' end, relowner, relacl from pg_class where relacl is not null and oid >= 16384
    union all
    select a.tableoid, c.oid, a.attnum, 'c', c.relowner, a.attacl from pg_attribute a join pg_class c on c.oid = a.attrelid
    where a.attacl is not null and not a.attisdropped and a.attrelid >= 16384
    union all
    select tableoid, oid, 0, 'f', proowner, proacl from pg_proc where proacl is not null and oid >= 16384
    union all
    select tableoid, oid, 0, 'T', typowner, typacl from pg_type where typacl is not null and oid >= 16384
    union all
    select tableoid, oid, 0, 'n', nspowner, nspacl from pg_namespace where nspacl is not null
    union all
    select tableoid, oid, 0, 'F', fdwowner, fdwacl from pg_foreign_data_wrapper where fdwacl is not null
    union all
    select tableoid, oid, 0, 'S', srvowner, srvacl from pg_foreign_server where srvacl is not null
    union all
    select tableoid, oid, 0, 'l', lanowner, lanacl from pg_language where lanacl is not null and oid >= 16384
    union all
    select tableoid, oid, 0, case defaclobjtype when 'S' then 's' else defaclobjtype end, defaclrole, defaclacl from pg_default_acl
),
privileges (catalog, oid, sub, owner, found, expected) as (
    select c.catalog, c.oid, c.sub, c.owner, c.acl, coalesce((select p.initprivs from pg_init_privs p
            where p.classoid = c.catalog and p.objoid = c.oid and p.objsubid = c.sub),
        -- Those of one schema come on top.
        case when exists (select from pg_default_acl d where d.oid = c.oid and d.defaclnamespace <> 0) then acldefault('c', c.owner)
            else acldefault(c.kind, c.owner) end)
    from changed c
),
difference (catalog, oid, sub, owner, grantee, privilege, grantable, revoked) as (
    select p.catalog, p.oid, p.sub, p.owner, d.*, false from privileges p cross join lateral (
        select grantee, privilege_type, is_grantable from aclexplode(p.found)
        except select grantee, privilege_type, is_grantable from aclexplode(p.expected)) d
    union all
    select p.catalog, p.oid, p.sub, p.owner, d.*, true from privileges p cross join lateral (
        select grantee, privilege_type, is_grantable from aclexplode(p.expected)
        except select grantee, privilege_type, is_grantable from aclexplode(p.found)) d
)
select case when d.sub <> 0 then 'pg_class'::regclass::oid else d.catalog end, d.oid, d.sub,
    json_build_object('grantee', case d.grantee when 0 then 'public' when d.owner then null else pg_get_userbyid(d.grantee) end,
        'privilege', d.privilege, 'grantable', d.grantable, 'revoked', d.revoked,
        'column', (select a.attname from pg_attribute a where d.sub <> 0 and a.attrelid = d.oid and a.attnum = d.sub))
from difference d
