-- Concurrently, so that sign-ins go on meanwhile.
-- hardtack: no-transaction
drop index concurrently accounts_email_lower_key;
