CREATE FUNCTION watch() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;
CREATE EVENT TRIGGER golden_a ON ddl_command_start EXECUTE FUNCTION watch();
CREATE EVENT TRIGGER golden_b ON sql_drop EXECUTE FUNCTION watch();
CREATE EVENT TRIGGER golden_gone ON ddl_command_end EXECUTE FUNCTION watch();
