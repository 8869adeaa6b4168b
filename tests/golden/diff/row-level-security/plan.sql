-- changes-access
ALTER TABLE public.a ENABLE ROW LEVEL SECURITY;
-- changes-access
ALTER TABLE public.a FORCE ROW LEVEL SECURITY;
-- changes-access
ALTER TABLE public.b DISABLE ROW LEVEL SECURITY;
-- changes-access
ALTER TABLE public.c NO FORCE ROW LEVEL SECURITY;
CREATE TABLE public.d (
    id integer NOT NULL,
    CONSTRAINT d_pkey PRIMARY KEY (id)
);
-- changes-access
ALTER TABLE public.d ENABLE ROW LEVEL SECURITY;
-- changes-access
CREATE POLICY all_of_d ON public.d FOR ALL TO public USING (true);
