-- subscriber_duplicates holds personal data: drop it in a later revision, when nobody will want to go back.
-- hardtack: no-transaction
-- hardtack: lock-timeout 2s
-- hardtack: allow ban-drop-function "the index refuses from here on"
create unique index concurrently subscribers_key_unique on subscribers (subscriber_key(email));

drop trigger subscribers_refuse_new on subscribers;

drop trigger subscribers_refuse_changed on subscribers;

drop function subscribers_refuse_duplicates();

drop index concurrently subscribers_key_idx;
