CREATE TABLE log (line text);
CREATE PROCEDURE write(line text) LANGUAGE sql AS $$ INSERT INTO log VALUES (line) $$;
CREATE PROCEDURE gone() LANGUAGE plpgsql AS $$ BEGIN END $$;
