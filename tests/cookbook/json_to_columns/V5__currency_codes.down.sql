-- Nothing un-validates a constraint: it is dropped, and added again as V2 made it.
alter table payments
    drop constraint payments_currency_code,
    add constraint payments_currency_code check (currency ~ '^[A-Z]{3}$') not valid;
