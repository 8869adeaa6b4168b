CREATE VIEW public.v AS
 SELECT (t.a OPERATOR(public.~*) 1) AS b
   FROM public.t;
-- stays: operator public.~+(integer,integer): it is another, and no DDL is known here for its kind: write it by hand
-- stays: operator public.~*(integer,integer): it is to be made, and no DDL is known here for its kind: write it by hand
