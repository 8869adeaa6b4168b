alter table payout_accounts
    alter column key_version set default 1,
    drop constraint payout_accounts_key_1_retired;
