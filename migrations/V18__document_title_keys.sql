-- A key by which documents of one title are found, whatever its case and spacing. The application computes it for
-- new titles; the hook beside this file does it for those that are there.
-- hardtack: lock-timeout 2s
-- hardtack: check "every document has a key" select not exists (select from documents where title_key is null)
-- hardtack: unchanged "titles and their dates" select count(*), md5(string_agg(concat_ws(' ', id, title, updated_at), ',' order by id)) from documents
alter table documents
    add column title_key text;

comment on column documents.title_key is 'The title in lower case, its words joined by single spaces.';
