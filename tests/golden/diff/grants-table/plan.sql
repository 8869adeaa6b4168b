-- changes-access
REVOKE SELECT ON TABLE public.account FROM golden_reader;
-- changes-access
REVOKE INSERT ON TABLE public.account FROM golden_writer;
-- changes-access
REVOKE SELECT ON TABLE public.account FROM golden_writer;
-- changes-access
REVOKE UPDATE ON TABLE public.account FROM golden_writer;
-- changes-access
GRANT SELECT ON TABLE public.account TO golden_reader WITH GRANT OPTION;
-- changes-access
GRANT DELETE ON TABLE public.account TO golden_writer;
-- changes-access
GRANT INSERT ON TABLE public.account TO golden_writer;
-- changes-access
GRANT REFERENCES ON TABLE public.account TO golden_writer;
-- changes-access
GRANT SELECT ON TABLE public.account TO golden_writer;
-- changes-access
GRANT TRIGGER ON TABLE public.account TO golden_writer;
-- changes-access
GRANT TRUNCATE ON TABLE public.account TO golden_writer;
-- changes-access
REVOKE DELETE ON TABLE public.plain FROM CURRENT_USER;
-- changes-access
GRANT SELECT ON TABLE public.plain TO PUBLIC;
-- changes-access
GRANT DELETE ON TABLE public.v TO golden_writer;
-- changes-access
GRANT INSERT ON TABLE public.v TO golden_writer;
-- changes-access
GRANT REFERENCES ON TABLE public.v TO golden_writer;
-- changes-access
GRANT SELECT ON TABLE public.v TO golden_writer;
-- changes-access
GRANT TRIGGER ON TABLE public.v TO golden_writer;
-- changes-access
GRANT TRUNCATE ON TABLE public.v TO golden_writer;
-- changes-access
GRANT UPDATE ON TABLE public.v TO golden_writer;
