-- breaks-users
DROP TRIGGER stamp ON public.event;
CREATE TABLE public.event_b (
    id integer,
    at date NOT NULL
);
CREATE TRIGGER stamp BEFORE INSERT OR UPDATE ON public.event FOR EACH ROW EXECUTE FUNCTION public.touch();
CREATE TRIGGER own BEFORE UPDATE ON public.event_a FOR EACH ROW EXECUTE FUNCTION public.touch();
ALTER TABLE ONLY public.event ATTACH PARTITION public.event_b FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
