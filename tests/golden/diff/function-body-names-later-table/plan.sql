CREATE OR REPLACE FUNCTION public.a_count()
 RETURNS bigint
 LANGUAGE sql
 STABLE
AS $function$ SELECT sum(stripes) FROM zebra $function$;
CREATE OR REPLACE FUNCTION public.b_calls()
 RETURNS bigint
 LANGUAGE sql
 STABLE
AS $function$ SELECT z_called() $function$;
CREATE OR REPLACE FUNCTION public.z_called()
 RETURNS bigint
 LANGUAGE sql
 STABLE
AS $function$ SELECT a_count() $function$;
CREATE TABLE public.zebra (
    id integer NOT NULL,
    stripes integer,
    CONSTRAINT zebra_pkey PRIMARY KEY (id)
);
CREATE OR REPLACE FUNCTION public.a_rows()
 RETURNS SETOF public.zebra
 LANGUAGE plpgsql
AS $function$ BEGIN RETURN QUERY SELECT * FROM zebra; END $function$;
