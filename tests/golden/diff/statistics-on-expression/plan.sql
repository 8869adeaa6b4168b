DROP STATISTICS public.city_a;
CREATE STATISTICS public.city_a ON zip, upper(name) FROM public.city;
