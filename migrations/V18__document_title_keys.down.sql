-- Nothing is lost: it is computed from the title.
alter table documents
    drop column title_key;
