-- The rules of V13, now for old rows too. Validating reads whole tables, but blocks neither reads nor writes.
alter table document_versions validate constraint document_versions_language_form;

alter table analyses validate constraint analyses_finished_after_start;

alter table findings validate constraint findings_resolved_by_fkey;

alter table accounts validate constraint accounts_email_normalised;
