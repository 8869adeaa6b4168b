create table payout_accounts (
    id bigint generated always as identity primary key,
    holder text not null,
    -- What Keys::seal makes; null for an account that was erased on request.
    iban_sealed bytea,
    key_version smallint not null default 1
);
