ALTER TABLE public.book DROP CONSTRAINT c2;
-- depends-on-data
ALTER TABLE public.book VALIDATE CONSTRAINT c1;
ALTER TABLE public.book ADD CONSTRAINT c2 FOREIGN KEY (editor) REFERENCES public.author(id) NOT VALID;
ALTER TABLE public.book ADD CONSTRAINT c3 FOREIGN KEY (reader) REFERENCES public.author(id) NOT VALID;
