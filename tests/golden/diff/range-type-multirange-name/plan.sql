-- breaks-users
DROP TYPE public.span;
CREATE TYPE public.span AS RANGE (subtype = integer, multirange_type_name = public.many_spans);
CREATE TABLE public.reading (
    id integer NOT NULL,
    spans public.many_spans,
    CONSTRAINT reading_pkey PRIMARY KEY (id)
);
-- stays: cast (public.span AS public.span_multirange): it is to go, and no DDL is known here for its kind: write it by hand
-- stays: cast (public.span AS public.many_spans): it is to be made, and no DDL is known here for its kind: write it by hand
