-- hardtack: allow ban-drop-column "unused since the release that writes given_name and family_name"
-- hardtack: allow ban-drop-function "they kept full_name in step"
-- hardtack: lock-timeout 2s
drop trigger customers_names_in_step on customers;

drop function customers_names_in_step();

alter table customers drop column full_name;

drop function customer_given_name(text);

drop function customer_family_name(text);
