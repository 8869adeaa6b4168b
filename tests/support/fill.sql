-- Fills every table of a database with so many rows, of whatever schema. A value depends on its column's type and the row's
-- number alone, so a foreign key finds its row; what a check does not take stays out, and so do rows that refer to it.
do $$
declare
    wanted constant bigint := {rows};
    entry record;
    orphans record;
    gone bigint;
    removed bigint;
    columns text;
    vals text;
begin
    set local session_replication_role = replica;
    for entry in
        select c.oid, c.oid::regclass as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p') and not c.relispartition and n.nspname not in ('hardtack', 'information_schema')
            and n.nspname not like 'pg\_%' and c.relname not like '%schema_history'
            and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
        order by c.oid
    loop
        select string_agg(quote_ident(a.attname), ', ' order by a.attnum),
            string_agg(case
                when t.typcategory = 'A' then format('''{}''::%s', t.oid::regtype)
                when known.one is not null then quote_literal(known.one)
                when t.typtype = 'e' then format('(enum_range(null::%s))[1 + i %% array_length(enum_range(null::%1$s), 1)]', t.oid::regtype)
                when b.typname = 'bool' then 'i % 2 = 0'
                when b.typname = 'int2' then '(i % 30000)::int2'
                when b.typname in ('int4', 'int8') then 'i'
                when b.typname in ('float4', 'float8') then '0.5'
                when b.typname = 'numeric' then '(i % 1000)::numeric'
                when b.typname in ('text', 'varchar', 'bpchar', 'citext', 'name') then
                    format('left(''v'' || i, %s)::%s', case when a.atttypmod > 4 then a.atttypmod - 4 else 100 end, b.oid::regtype)
                when b.typname = 'uuid' then 'md5(i::text)::uuid'
                when b.typname = 'date' then 'date ''2026-01-01'' + (i % 300)::int'
                when b.typname in ('timestamp', 'timestamptz') then
                    format('timestamptz ''2026-01-01 00:00+00'' + (i %% 400000) * interval ''1 minute'' + %s * interval ''1 second''', a.attnum)
                when b.typname = 'interval' then 'i * interval ''1 second'''
                when b.typname in ('json', 'jsonb') then format('jsonb_build_object(''k'', i, ''text'', E''tab\t and \\ line\n'' || i)::%s', b.typname)
                when b.typname = 'bytea' then 'decode(md5(i::text), ''hex'')'
                when b.typname = 'inet' then 'inet ''10.0.0.0'' + i % 60000'
                when b.typname = 'tsvector' then 'to_tsvector(''simple'', ''v'' || i)'
                when b.typname = 'daterange' then 'daterange(date ''2026-01-01'' + i::int, date ''2026-01-02'' + i::int)'
                when b.typname in ('tstzrange', 'tsrange', 'int4range', 'int8range', 'numrange') then format('%s(%s, null)', b.typname, case when b.typname like 'ts%' then 'timestamp ''2026-01-01''' else '1' end)
                else 'null' end, ', ' order by a.attnum)
        into columns, vals
        from pg_attribute a
            join pg_type t on t.oid = a.atttypid
            join pg_type b on b.oid = case when t.typtype = 'd' then t.typbasetype else t.oid end
            -- The first of the values that a check names: in ('eur', 'usd'). Of patterns, what most have.
            left join lateral (
                select coalesce(substring(pg_get_constraintdef(k.oid) from 'ARRAY\[''([^'']*)'''),
                    case when pg_get_constraintdef(k.oid) like '%A-Z]{3}%' then 'EUR' when pg_get_constraintdef(k.oid) like '%a-z]{3}%' then 'eng' end) as one
                from pg_constraint k
                where k.contype = 'c' and ((k.conrelid = entry.oid and k.conkey = array[a.attnum]) or (t.typtype = 'd' and k.contypid = t.oid))
                    and b.typcategory = 'S'
                order by 1 limit 1) known on true
        where a.attrelid = entry.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
            -- A reference to the table itself, or to nothing that was filled, is left open where it may be.
            and (a.attnotnull or not exists (select from pg_constraint f
                where f.conrelid = entry.oid and f.contype = 'f' and f.confrelid = entry.oid and a.attnum = any (f.conkey)));
        begin
            execute format('insert into %s (%s) overriding system value select %s from generate_series(1, %s) i on conflict do nothing',
                entry.name, columns, vals, wanted);
        exception when others then
            raise notice '% stays as it is: %', entry.name, sqlerrm;
        end;
    end loop;
    loop
        removed := 0;
        for orphans in
            select f.conrelid::regclass as child, f.confrelid::regclass as parent,
                (select string_agg(format('p.%I = c.%I', pa.attname, ca.attname), ' and ')
                    from unnest(f.conkey, f.confkey) k (child, parent)
                    join pg_attribute ca on ca.attrelid = f.conrelid and ca.attnum = k.child
                    join pg_attribute pa on pa.attrelid = f.confrelid and pa.attnum = k.parent) as matching,
                (select string_agg(format('c.%I is not null', ca.attname), ' and ')
                    from unnest(f.conkey) k (child) join pg_attribute ca on ca.attrelid = f.conrelid and ca.attnum = k.child) as refers
            from pg_constraint f where f.contype = 'f' and f.conparentid = 0
        loop
            execute format('delete from %s c where %s and not exists (select from %s p where %s)',
                orphans.child, orphans.refers, orphans.parent, orphans.matching);
            get diagnostics gone = row_count;
            removed := removed + gone;
        end loop;
        exit when removed = 0;
    end loop;
end $$;
