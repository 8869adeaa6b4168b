-- changes-access
ALTER SCHEMA n OWNER TO golden_writer;
-- changes-access
ALTER COLLATION public.c OWNER TO golden_writer;
-- changes-access
ALTER TYPE public.e OWNER TO golden_writer;
-- changes-access
ALTER TYPE public.r OWNER TO golden_writer;
-- changes-access
ALTER SEQUENCE public.s OWNER TO golden_writer;
-- changes-access
ALTER FUNCTION public.f() OWNER TO golden_writer;
-- changes-access
ALTER VIEW public.v OWNER TO golden_writer;
