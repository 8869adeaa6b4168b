CREATE TABLE public.other (
    id integer NOT NULL,
    CONSTRAINT other_pkey PRIMARY KEY (id)
);
ALTER TABLE public.item CLUSTER ON item_b;
ALTER TABLE public.other CLUSTER ON other_pkey;
