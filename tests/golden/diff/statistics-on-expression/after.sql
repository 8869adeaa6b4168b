-- needs: 14
CREATE TABLE city (zip text, name text);
CREATE STATISTICS city_a ON (upper(name)), zip FROM city;
