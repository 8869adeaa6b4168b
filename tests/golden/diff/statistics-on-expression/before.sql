-- needs: 14
CREATE TABLE city (zip text, name text);
CREATE STATISTICS city_a ON (lower(name)) FROM city;
