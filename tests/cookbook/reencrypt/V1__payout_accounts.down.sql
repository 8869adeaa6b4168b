drop table payout_accounts;
