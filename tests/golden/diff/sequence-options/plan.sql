SELECT setval('public.down', least(greatest(last_value, -500), -1), is_called) FROM public.down;
ALTER SEQUENCE public.down INCREMENT BY -2 MINVALUE -500;
COMMENT ON SEQUENCE public.down IS NULL;
CREATE SEQUENCE public.fresh AS bigint START WITH 1 INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 CACHE 1;
SELECT setval('public.invoice_number', least(greatest(last_value, 10), 999999), is_called) FROM public.invoice_number;
ALTER SEQUENCE public.invoice_number INCREMENT BY 2 MINVALUE 10 MAXVALUE 999999 START WITH 5000 CACHE 7 CYCLE;
ALTER SEQUENCE public.small AS bigint MAXVALUE 9223372036854775807;
