ALTER TABLE public.book DROP CONSTRAINT book_author;
CREATE TABLE public.publisher (
    id integer NOT NULL,
    CONSTRAINT publisher_pkey PRIMARY KEY (id)
);
ALTER TABLE public.book ADD COLUMN publisher integer;
-- depends-on-data, blocks-writes
ALTER TABLE public.book ADD CONSTRAINT book_author FOREIGN KEY (editor) REFERENCES public.author(id);
COMMENT ON CONSTRAINT book_author ON public.book IS 'Who wrote it';
-- depends-on-data, blocks-writes
ALTER TABLE public.book ADD CONSTRAINT book_publisher_fkey FOREIGN KEY (publisher) REFERENCES public.publisher(id);
