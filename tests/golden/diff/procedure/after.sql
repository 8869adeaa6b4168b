CREATE TABLE log (line text);
CREATE PROCEDURE write(line text) LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$ INSERT INTO log VALUES (upper(line)) $$;
CREATE PROCEDURE swap(INOUT a integer, INOUT b integer) LANGUAGE plpgsql AS $$ DECLARE c integer := a; BEGIN a := b; b := c; END $$;
COMMENT ON PROCEDURE swap(integer, integer) IS 'Exchange';
GRANT EXECUTE ON PROCEDURE swap(integer, integer) TO golden_writer;
ALTER PROCEDURE write(text) OWNER TO golden_writer;
