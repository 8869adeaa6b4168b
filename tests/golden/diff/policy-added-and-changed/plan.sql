-- changes-access
DROP POLICY gone ON public.document;
-- changes-access
ALTER POLICY own ON public.document USING (((owner = CURRENT_USER) OR public)) WITH CHECK ((owner = CURRENT_USER));
-- changes-access
CREATE POLICY see ON public.document FOR SELECT TO golden_reader USING ((EXISTS ( SELECT
   FROM public.document d
  WHERE (d.id > document.id))));
COMMENT ON POLICY see ON public.document IS 'Odd';
-- changes-access
ALTER POLICY writers ON public.document TO golden_reader, golden_writer WITH CHECK (((owner = CURRENT_USER) AND (NOT public)));
