-- changes-access
DROP POLICY by_tenant ON public.document;
-- breaks-users
DROP TRIGGER moved ON public.document;
-- rewrites-table, breaks-users
ALTER TABLE public.document ALTER COLUMN tenant TYPE bigint;
CREATE TRIGGER moved BEFORE UPDATE OF tenant ON public.document FOR EACH ROW WHEN ((old.tenant <> new.tenant)) EXECUTE FUNCTION public.touch();
-- changes-access
CREATE POLICY by_tenant ON public.document FOR ALL TO public USING ((tenant = (current_setting('app.tenant'::text))::integer));
