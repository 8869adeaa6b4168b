-- changes-access
REVOKE USAGE ON TYPE public.a FROM PUBLIC;
-- changes-access
GRANT USAGE ON TYPE public.a TO golden_reader;
CREATE TYPE public.c AS (x integer);
-- changes-access
GRANT USAGE ON TYPE public.c TO golden_writer WITH GRANT OPTION;
-- changes-access
GRANT USAGE ON TYPE public.b TO PUBLIC;
