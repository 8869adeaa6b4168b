-- hardtack: lock-timeout 2s
alter table payments validate constraint payments_currency_code;
