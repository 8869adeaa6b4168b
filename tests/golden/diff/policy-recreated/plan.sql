-- changes-access
DROP POLICY command ON public.document;
-- changes-access
DROP POLICY no_check ON public.document;
-- changes-access
DROP POLICY strict ON public.document;
-- changes-access
CREATE POLICY command ON public.document FOR UPDATE TO public USING ((owner = CURRENT_USER));
-- changes-access
CREATE POLICY no_check ON public.document FOR UPDATE TO public USING ((id > 0));
-- changes-access
CREATE POLICY strict ON public.document AS RESTRICTIVE FOR ALL TO public USING ((id > 0));
