-- breaks-users
DROP MATERIALIZED VIEW public.copied;
-- breaks-users
DROP VIEW public.thing;
-- deletes-data, breaks-users
DROP TABLE public.other;
CREATE TABLE public.thing (
    id integer
);
CREATE VIEW public.copied AS
 SELECT source.id
   FROM public.source;
CREATE VIEW public.other AS
 SELECT source.id
   FROM public.source;
-- renamed? table public.other to table public.thing
