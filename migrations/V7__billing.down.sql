-- Without cascade, so that an object somebody else put into the schema stops this.
drop table billing.invoices;

drop table billing.usage_records;

drop table billing.subscriptions;

drop table billing.plan_prices;

drop table billing.price_lists;

drop table billing.plans;

drop schema billing;
