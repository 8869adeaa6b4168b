CREATE TABLE city (zip text, name text, state text, area numeric);
CREATE STATISTICS city_a (dependencies) ON zip, name FROM city;
CREATE STATISTICS city_gone ON name, state FROM city;
CREATE STATISTICS city_target ON zip, state FROM city;
