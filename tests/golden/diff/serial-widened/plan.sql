ALTER SEQUENCE public.ticket_id_seq AS bigint MAXVALUE 9223372036854775807;
ALTER TABLE public.ticket ALTER COLUMN id DROP DEFAULT;
-- rewrites-table, breaks-users
ALTER TABLE public.ticket ALTER COLUMN id TYPE bigint;
ALTER TABLE public.ticket ALTER COLUMN id SET DEFAULT nextval('public.ticket_id_seq'::regclass);
