-- changes-access
REVOKE USAGE ON SEQUENCE public.a FROM golden_reader;
-- changes-access
GRANT SELECT ON SEQUENCE public.a TO golden_writer;
-- changes-access
GRANT UPDATE ON SEQUENCE public.a TO golden_writer;
-- changes-access
GRANT USAGE ON SEQUENCE public.t_id_seq TO golden_writer;
