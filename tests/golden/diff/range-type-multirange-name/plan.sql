-- breaks-users
DROP TYPE public.span;
CREATE TYPE public.span AS RANGE (subtype = integer, multirange_type_name = public.many_spans);
CREATE TABLE public.reading (
    id integer NOT NULL,
    spans public.many_spans,
    CONSTRAINT reading_pkey PRIMARY KEY (id)
);
