DROP STATISTICS public.city_a;
DROP STATISTICS public.city_gone;
CREATE STATISTICS public.city_a ON name, state, zip FROM public.city;
ALTER STATISTICS public.city_a OWNER TO golden_writer;
COMMENT ON STATISTICS public.city_a IS 'Zip tells name';
CREATE STATISTICS public.city_new (mcv) ON area, zip FROM public.city;
ALTER STATISTICS public.city_target SET STATISTICS 500;
