-- changes-access
REVOKE USAGE ON SCHEMA a FROM golden_reader;
-- changes-access
GRANT CREATE ON SCHEMA b TO golden_writer WITH GRANT OPTION;
-- changes-access
GRANT USAGE ON SCHEMA b TO golden_writer WITH GRANT OPTION;
-- changes-access
REVOKE USAGE ON SCHEMA public FROM PUBLIC;
-- changes-access
GRANT USAGE ON SCHEMA public TO golden_reader;
