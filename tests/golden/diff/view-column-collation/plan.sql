-- breaks-users
DROP VIEW public.items;
CREATE VIEW public.items AS
 SELECT (item.a COLLATE "POSIX") AS a,
    item.a AS b
   FROM public.item;
