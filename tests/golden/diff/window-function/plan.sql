CREATE OR REPLACE FUNCTION public.numbered()
 RETURNS bigint
 LANGUAGE internal
 WINDOW IMMUTABLE
AS $function$window_row_number$function$;
CREATE VIEW public.sales AS
 SELECT sale.amount,
    public.numbered() OVER (ORDER BY sale.amount) AS n
   FROM public.sale;
