-- hardtack: no-transaction
drop trigger subscribers_refuse_changed on subscribers;

drop trigger subscribers_refuse_new on subscribers;

drop function subscribers_refuse_duplicates();

drop table subscriber_duplicates;

drop index concurrently subscribers_key_idx;

drop function subscriber_key(text);
