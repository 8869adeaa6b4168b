-- changes-access
REVOKE SELECT (email) ON TABLE public.account FROM golden_reader;
-- changes-access
GRANT UPDATE (email) ON TABLE public.account TO golden_reader;
-- changes-access
GRANT INSERT (email) ON TABLE public.account TO golden_writer WITH GRANT OPTION;
-- changes-access
GRANT INSERT (id) ON TABLE public.account TO golden_writer WITH GRANT OPTION;
