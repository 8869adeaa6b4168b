ALTER VIEW public.invoked RESET (security_invoker);
ALTER VIEW public.plain SET (security_invoker=true);
