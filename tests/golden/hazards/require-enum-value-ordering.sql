-- before
create type size as enum ('small', 'large');
-- hazard
alter type size add value 'medium';
-- recipe
alter type size add value 'medium' before 'large';
