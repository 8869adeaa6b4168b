-- What customers upload. A document is a title with versions; a version is one uploaded file, never changed.
create table uploads (
    id              uuid        primary key default gen_random_uuid(),
    organisation_id bigint      not null references organisations (id) on delete cascade,
    account_id      bigint      references accounts (id) on delete set null,
    storage_key     text        not null unique,
    byte_size       bigint      not null,
    completed_at    timestamptz,
    expires_at      timestamptz not null default now() + interval '1 day',
    constraint uploads_byte_size_positive check (byte_size > 0)
);

create index uploads_organisation_id_idx on uploads (organisation_id);
create index uploads_account_id_idx on uploads (account_id);

-- The sweeper looks for abandoned uploads only.
create index uploads_unfinished_idx on uploads (expires_at) where completed_at is null;

create table documents (
    id                 bigint generated always as identity primary key,
    organisation_id    bigint      not null references organisations (id) on delete cascade,
    title              text        not null,
    description        text        not null default '',
    current_version_id bigint,
    search             tsvector    generated always as (
        setweight(to_tsvector('simple', title), 'A')
        || setweight(to_tsvector('simple', description), 'B')
    ) stored,
    created_at         timestamptz not null default now(),
    updated_at         timestamptz not null default now(),
    deleted_at         timestamptz,
    constraint documents_title_not_blank check (btrim(title) <> '')
);

create index documents_organisation_id_idx on documents (organisation_id);
create index documents_search_idx on documents using gin (search);

-- The list in the application: newest first, without the waste bin.
create index documents_recent_idx on documents (organisation_id, updated_at desc) where deleted_at is null;

create table document_versions (
    id             bigint generated always as identity primary key,
    document_id    bigint      not null references documents (id) on delete cascade,
    number         integer     not null,
    upload_id      uuid        not null unique references uploads (id),
    media_type     text        not null,
    page_count     integer,
    extracted_text text,
    created_at     timestamptz not null default now(),
    unique (document_id, number),
    unique (document_id, id),
    constraint document_versions_number_positive check (number > 0),
    constraint document_versions_page_count_positive check (page_count > 0)
);

-- Deferred, because a document and its first version are inserted in one transaction. The pair of columns
-- keeps a document from pointing at another document's version.
alter table documents
    add constraint documents_current_version
    foreign key (id, current_version_id) references document_versions (document_id, id)
    deferrable initially deferred;

create trigger documents_set_updated_at
    before update on documents
    for each row execute function set_updated_at();

comment on table document_versions is 'One uploaded file; a new upload makes a new row.';
comment on column document_versions.extracted_text is 'Plain text of all pages; null until the extractor has run.';
