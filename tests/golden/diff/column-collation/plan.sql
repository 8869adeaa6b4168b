DROP INDEX public.word_c;
-- breaks-users, scans-table
ALTER TABLE public.word ALTER COLUMN sound TYPE text;
-- breaks-users, scans-table
ALTER TABLE public.word ALTER COLUMN spelling TYPE text COLLATE "C";
-- blocks-writes
CREATE INDEX word_c ON public.word USING btree (spelling COLLATE "POSIX");
