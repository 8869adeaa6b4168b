DROP INDEX public.word_spelling;
-- deletes-data, breaks-users
ALTER TABLE public.word DROP COLUMN spelling;
-- breaks-users
DROP COLLATION public.german;
-- breaks-users
DROP COLLATION public.gone;
CREATE COLLATION public.german (provider = icu, locale = 'de-u-co-phonebk');
COMMENT ON COLLATION public.german IS 'As in the telephone book';
CREATE COLLATION public.insensitive (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
ALTER TABLE public.word ADD COLUMN sound text COLLATE public.insensitive;
ALTER TABLE public.word ADD COLUMN spelling text COLLATE public.german;
-- blocks-writes
CREATE INDEX word_spelling ON public.word USING btree (spelling);
