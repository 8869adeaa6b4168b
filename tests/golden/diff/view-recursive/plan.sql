CREATE VIEW public.by_primary_key AS
 SELECT node.id,
    node.parent
   FROM public.node
  GROUP BY node.id;
CREATE VIEW public.tree AS
 WITH RECURSIVE tree(id, depth) AS (
         SELECT node.id,
            0 AS "?column?"
           FROM public.node
          WHERE (node.parent IS NULL)
        UNION ALL
         SELECT n.id,
            (t.depth + 1)
           FROM (public.node n
             JOIN tree t ON ((n.parent = t.id)))
        )
 SELECT tree.id,
    tree.depth
   FROM tree;
