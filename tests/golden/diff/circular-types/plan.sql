CREATE TYPE public.link AS (a public.node, weight numeric);
CREATE TABLE public.graph (
    id integer NOT NULL,
    links public.link[],
    root public.node,
    CONSTRAINT graph_pkey PRIMARY KEY (id)
);
ALTER TABLE public.node ADD COLUMN note text;
