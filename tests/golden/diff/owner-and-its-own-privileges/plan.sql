-- changes-access
ALTER TABLE public.a OWNER TO golden_writer;
-- changes-access
REVOKE DELETE ON TABLE public.b FROM golden_writer;
-- changes-access
ALTER TABLE public.c OWNER TO CURRENT_USER;
CREATE TABLE public.f (
    id integer
);
ALTER TABLE public.f OWNER TO golden_writer;
-- changes-access
REVOKE TRUNCATE ON TABLE public.f FROM golden_writer;
-- changes-access
REVOKE UPDATE ON SEQUENCE public.a_id_seq FROM golden_writer;
-- changes-access
REVOKE SELECT (note) ON TABLE public.a FROM golden_writer;
