-- Who changed what, written by triggers so that no code path can forget it. The triggers lock busy tables for
-- a moment, so the wait for each is kept short.
-- hardtack: lock-timeout 2s
create table audit_log (
    id          bigint generated always as identity primary key,
    recorded_at timestamptz not null default clock_timestamp(),
    actor_id    bigint,
    relation    text        not null,
    operation   text        not null,
    before      jsonb,
    after       jsonb,
    constraint audit_log_operation_known check (operation in ('INSERT', 'UPDATE', 'DELETE')),
    constraint audit_log_has_content check (before is not null or after is not null)
);

create index audit_log_relation_idx on audit_log (relation, recorded_at desc);
create index audit_log_actor_id_idx on audit_log (actor_id, recorded_at desc) where actor_id is not null;

-- Runs with its owner's rights, because the application's role may write to the log in no other way. Such a
-- function must not search schemas that its caller can create objects in.
create function record_audit() returns trigger
    language plpgsql
    security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    secrets constant text[] := array['password_hash', 'secret_hash'];
    old_row jsonb;
    new_row jsonb;
begin
    if tg_op <> 'INSERT' then
        old_row := to_jsonb(old) - secrets;
    end if;
    if tg_op <> 'DELETE' then
        new_row := to_jsonb(new) - secrets;
    end if;
    execute format(
        'insert into %I.audit_log (actor_id, relation, operation, before, after) '
        'values ($1, $2, $3, $4, $5)',
        tg_table_schema
    )
    using nullif(current_setting('app.account_id', true), '')::bigint, tg_table_name, tg_op, old_row, new_row;
    return null;
end;
$$;

create trigger accounts_audit
    after insert or update or delete on accounts
    for each row execute function record_audit();

create trigger organisations_audit
    after insert or update or delete on organisations
    for each row execute function record_audit();

create trigger memberships_audit
    after insert or update or delete on memberships
    for each row execute function record_audit();

create trigger api_keys_audit
    after insert or delete or update of name, scopes, expires_at, revoked_at on api_keys
    for each row execute function record_audit();

comment on table audit_log is 'Changes to accounts, organisations, memberships and API keys; secrets left out.';
comment on column audit_log.actor_id is 'The account behind the request (setting app.account_id); null for jobs.';
