-- breaks-users
DROP PUBLICATION golden_gone;
CREATE PUBLICATION golden_all FOR ALL TABLES WITH (publish = 'insert, update, delete, truncate');
COMMENT ON PUBLICATION golden_all IS 'Everything';
ALTER PUBLICATION golden_insert SET TABLE ONLY public.b;
ALTER PUBLICATION golden_insert SET (publish = 'insert, truncate', publish_via_partition_root = true);
ALTER PUBLICATION golden_some SET TABLE ONLY public.a, ONLY public.b;
-- changes-access
ALTER PUBLICATION golden_some OWNER TO golden_writer;
