-- breaks-users
DROP PUBLICATION golden_p;
-- breaks-users
DROP PUBLICATION golden_q;
-- deletes-data, breaks-users
ALTER TABLE public.a DROP COLUMN x;
-- rewrites-table, breaks-users
ALTER TABLE public.a ALTER COLUMN id TYPE bigint;
-- rewrites-table, breaks-users
ALTER TABLE public.a ALTER COLUMN y TYPE bigint;
CREATE PUBLICATION golden_p FOR TABLE ONLY public.a (id, z) WHERE ((id > 0)) WITH (publish = 'insert, update, delete, truncate');
CREATE PUBLICATION golden_q FOR TABLE ONLY public.a (y) WITH (publish = 'insert, update, delete, truncate');
