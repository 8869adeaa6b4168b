-- breaks-users
DROP PROCEDURE public.gone();
CREATE OR REPLACE PROCEDURE public.swap(INOUT a integer, INOUT b integer)
 LANGUAGE plpgsql
AS $procedure$ DECLARE c integer := a; BEGIN a := b; b := c; END $procedure$;
COMMENT ON PROCEDURE public.swap(integer, integer) IS 'Exchange';
-- changes-access
GRANT EXECUTE ON PROCEDURE public.swap(integer, integer) TO golden_writer;
CREATE OR REPLACE PROCEDURE public.write(IN line text)
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'public'
AS $procedure$ INSERT INTO log VALUES (upper(line)) $procedure$;
-- changes-access
ALTER PROCEDURE public.write(text) OWNER TO golden_writer;
