-- breaks-users
DROP FOREIGN TABLE public.far;
-- breaks-users
DROP SERVER one;
CREATE SERVER two FOREIGN DATA WRAPPER postgres_fdw;
CREATE FOREIGN TABLE public.far (
    id integer
)
SERVER two;
