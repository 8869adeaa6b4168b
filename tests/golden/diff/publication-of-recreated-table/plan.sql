-- breaks-users
DROP PUBLICATION golden_p;
-- deletes-data, breaks-users
DROP TABLE public.t;
CREATE TABLE public.t (
    id integer,
    b integer
)
PARTITION BY RANGE (b);
CREATE PUBLICATION golden_p FOR TABLE ONLY public.t, ONLY public.u WITH (publish = 'insert, update, delete, truncate');
COMMENT ON PUBLICATION golden_p IS 'stays';
