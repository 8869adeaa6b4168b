-- breaks-users
DROP PUBLICATION golden_p;
CREATE PUBLICATION golden_p FOR TABLE ONLY public.a WITH (publish = 'insert, update, delete, truncate');
