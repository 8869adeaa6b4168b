-- Keys for programs. Only a hash of the secret is kept; the prefix is what people recognise a key by.
create table api_keys (
    id              uuid        primary key default gen_random_uuid(),
    organisation_id bigint      not null references organisations (id) on delete cascade,
    created_by      bigint      references accounts (id) on delete set null,
    name            text        not null,
    prefix          text        not null unique,
    secret_hash     bytea       not null,
    scopes          text[]      not null default '{documents:read}',
    created_at      timestamptz not null default now(),
    last_used_at    timestamptz,
    expires_at      timestamptz,
    revoked_at      timestamptz,
    constraint api_keys_prefix_form check (prefix ~ '^ht_[a-z0-9]{8}$'),
    constraint api_keys_secret_hash_is_sha256 check (octet_length(secret_hash) = 32),
    constraint api_keys_scopes_known check (
        scopes <@ array['documents:read', 'documents:write', 'analyses:run', 'billing:read']
        and cardinality(scopes) > 0
    ),
    constraint api_keys_expire_after_creation check (expires_at > created_at)
);

create index api_keys_created_by_idx on api_keys (created_by);

-- Names are unique among the keys that still work.
create unique index api_keys_live_name_key on api_keys (organisation_id, lower(name))
    where revoked_at is null;

create index api_keys_organisation_id_idx on api_keys (organisation_id);

comment on column api_keys.secret_hash is 'SHA-256 of the secret, which is shown once and never stored.';
