ALTER VIEW public.barrier RESET (security_barrier);
ALTER VIEW public.checked RESET (check_option);
ALTER VIEW public.checked ALTER COLUMN tenant SET DEFAULT 2;
ALTER VIEW public.mine SET (check_option=cascaded);
