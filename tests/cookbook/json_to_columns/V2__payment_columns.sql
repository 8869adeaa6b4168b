-- The release that comes with this writes the columns and the payload both.
-- hardtack: lock-timeout 2s
alter table payments
    add column total_cents bigint,
    add column currency text;

alter table payments
    add constraint payments_currency_code check (currency ~ '^[A-Z]{3}$') not valid;
