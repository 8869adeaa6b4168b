-- hardtack: no-transaction
-- hardtack: lock-timeout 500ms
alter table badges validate constraint badges_person_id_fkey;

alter table badges add constraint badges_person_there check (person_id is not null) not valid;

alter table badges validate constraint badges_person_there;

alter table badges alter column person_id set not null;

alter table badges drop constraint badges_person_there;
