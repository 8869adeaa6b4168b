alter table badges
    alter column person_id drop not null,
    drop constraint badges_person_id_fkey,
    add constraint badges_person_id_fkey foreign key (person_id) references people on delete cascade not valid;
