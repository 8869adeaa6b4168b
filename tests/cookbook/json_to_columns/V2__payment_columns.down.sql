-- Nothing is lost: the payload has it all.
alter table payments
    drop column total_cents,
    drop column currency;
