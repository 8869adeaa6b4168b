-- While this holds, key 1 may be destroyed. The accounts that V2 skipped are in hardtack.backfill_reject: mend or erase them first.
-- hardtack: no-transaction
-- hardtack: lock-timeout 2s
-- hardtack: check-before "no secret needs key 1" select not exists (select from payout_accounts where key_version < 2)
alter table payout_accounts alter column key_version set default 2;

alter table payout_accounts
    add constraint payout_accounts_key_1_retired check (key_version >= 2) not valid;

alter table payout_accounts validate constraint payout_accounts_key_1_retired;
