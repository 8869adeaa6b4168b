CREATE FUNCTION numbered() RETURNS bigint LANGUAGE internal WINDOW IMMUTABLE AS 'window_row_number';
CREATE TABLE sale (amount numeric);
CREATE VIEW sales AS SELECT amount, numbered() OVER (ORDER BY amount) AS n FROM sale;
