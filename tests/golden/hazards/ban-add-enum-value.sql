-- before
create type mood as enum ('ok');
-- hazard
alter type mood add value 'fine' after 'ok';
-- recipe
-- hardtack: allow ban-add-enum-value "every version has known it since 2.3"
alter type mood add value 'fine' after 'ok';
