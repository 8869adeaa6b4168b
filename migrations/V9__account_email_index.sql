-- Sign-in looks accounts up without regard to case; two that differ by case only are one person's mistake.
-- hardtack: no-transaction
create unique index concurrently accounts_email_lower_key on accounts (lower(email));
