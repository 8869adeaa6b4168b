ALTER PUBLICATION golden_p SET TABLE ONLY public.a (id, y), ONLY public.b WHERE ((id > 20));
ALTER PUBLICATION golden_q SET TABLE ONLY public.a, TABLES IN SCHEMA s;
