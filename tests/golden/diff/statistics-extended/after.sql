CREATE TABLE city (zip text, name text, state text, area numeric);
CREATE STATISTICS city_a (dependencies, ndistinct, mcv) ON zip, name, state FROM city;
CREATE STATISTICS city_target ON zip, state FROM city;
ALTER STATISTICS city_target SET STATISTICS 500;
CREATE STATISTICS city_new (mcv) ON zip, area FROM city;
COMMENT ON STATISTICS city_a IS 'Zip tells name';
ALTER STATISTICS city_a OWNER TO golden_writer;
