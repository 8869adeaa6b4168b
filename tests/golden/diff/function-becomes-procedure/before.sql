CREATE FUNCTION tidy(a integer) RETURNS void LANGUAGE plpgsql AS $$ BEGIN END $$;
CREATE PROCEDURE other() LANGUAGE plpgsql AS $$ BEGIN END $$;
