-- breaks-users
DROP FOREIGN DATA WRAPPER golden_gone;
ALTER FOREIGN DATA WRAPPER golden_a NO HANDLER VALIDATOR public.check_options OPTIONS (SET debug 'true', ADD fresh 'y', DROP gone);
CREATE FOREIGN DATA WRAPPER golden_b NO HANDLER NO VALIDATOR;
COMMENT ON FOREIGN DATA WRAPPER golden_b IS 'Does nothing';
-- changes-access
GRANT USAGE ON FOREIGN DATA WRAPPER golden_b TO golden_writer;
CREATE SERVER golden_s FOREIGN DATA WRAPPER golden_b;
