ALTER TABLE public.document ALTER COLUMN owner_tenant DROP DEFAULT;
-- changes-access
DROP POLICY mine ON public.document;
-- breaks-users
DROP VIEW public.my_documents;
-- breaks-users
DROP FUNCTION public.tenant();
CREATE OR REPLACE FUNCTION public.tenant()
 RETURNS bigint
 LANGUAGE sql
 STABLE
AS $function$ SELECT 1::bigint $function$;
-- changes-access
GRANT EXECUTE ON FUNCTION public.tenant() TO golden_reader;
ALTER TABLE public.document ALTER COLUMN owner_tenant SET DEFAULT public.tenant();
CREATE VIEW public.my_documents AS
 SELECT document.id,
    public.tenant() AS reader
   FROM public.document
  WHERE (document.tenant = public.tenant());
-- changes-access
CREATE POLICY mine ON public.document FOR ALL TO public USING ((tenant = public.tenant()));
