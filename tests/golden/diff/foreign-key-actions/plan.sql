ALTER TABLE public.book DROP CONSTRAINT c1;
ALTER TABLE public.book DROP CONSTRAINT c2;
ALTER TABLE public.book DROP CONSTRAINT c4;
-- depends-on-data, blocks-writes
ALTER TABLE public.book ADD CONSTRAINT c1 FOREIGN KEY (author) REFERENCES public.author(id) ON DELETE SET NULL;
-- depends-on-data, blocks-writes
ALTER TABLE public.book ADD CONSTRAINT c2 FOREIGN KEY (editor) REFERENCES public.author(id) ON UPDATE SET DEFAULT ON DELETE RESTRICT;
ALTER TABLE public.book ALTER CONSTRAINT c3 DEFERRABLE INITIALLY DEFERRED;
-- depends-on-data, blocks-writes
ALTER TABLE public.book ADD CONSTRAINT c4 FOREIGN KEY (a, b) REFERENCES public.author(a, b) MATCH FULL;
