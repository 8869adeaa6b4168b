-- rewrites-table
ALTER TABLE public.reading ALTER COLUMN span TYPE text USING span::text;
-- breaks-users
DROP TYPE public.float_span;
-- breaks-users
DROP TYPE public.gone;
CREATE TYPE public.float_span AS RANGE (subtype = double precision, subtype_diff = float8mi, multirange_type_name = public.float_span_multirange);
CREATE TYPE public.word_span AS RANGE (subtype = text, collation = "C", multirange_type_name = public.word_span_multirange);
COMMENT ON TYPE public.word_span IS 'A part of the dictionary';
-- rewrites-table, breaks-users
ALTER TABLE public.reading ALTER COLUMN span TYPE public.float_span USING span::text::public.float_span;
ALTER TABLE public.reading ADD COLUMN words public.word_span;
