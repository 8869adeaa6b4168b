-- changes-access
REVOKE EXECUTE ON FUNCTION public.a() FROM PUBLIC;
-- changes-access
REVOKE EXECUTE ON FUNCTION public.b() FROM golden_reader;
-- changes-access
GRANT EXECUTE ON FUNCTION public.b() TO golden_writer WITH GRANT OPTION;
-- changes-access
GRANT EXECUTE ON FUNCTION public.b() TO PUBLIC;
CREATE OR REPLACE PROCEDURE public.c()
 LANGUAGE sql
AS $procedure$ SELECT 1 $procedure$;
-- changes-access
REVOKE EXECUTE ON PROCEDURE public.c() FROM PUBLIC;
