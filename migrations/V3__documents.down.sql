-- Documents and versions refer to each other, so the current version's key goes first.
alter table documents drop constraint documents_current_version;

drop table document_versions;

drop table documents;

drop table uploads;
