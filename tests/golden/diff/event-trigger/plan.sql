-- breaks-users
DROP EVENT TRIGGER golden_a;
-- breaks-users
DROP EVENT TRIGGER golden_gone;
CREATE EVENT TRIGGER golden_a ON ddl_command_start WHEN TAG IN ('CREATE TABLE', 'DROP TABLE') EXECUTE FUNCTION public.watch();
ALTER EVENT TRIGGER golden_b DISABLE;
CREATE EVENT TRIGGER golden_new ON ddl_command_end EXECUTE FUNCTION public.watch();
ALTER EVENT TRIGGER golden_new ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER golden_new IS 'Sees all';
