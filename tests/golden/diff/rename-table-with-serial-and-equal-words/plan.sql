-- breaks-users
ALTER TABLE public.status RENAME TO state;
-- breaks-users
ALTER SEQUENCE public.status_id_seq RENAME TO state_id_seq;
ALTER TABLE public.state RENAME CONSTRAINT status_parent_fkey TO state_parent_fkey;
ALTER TABLE public.state RENAME CONSTRAINT status_pkey TO state_pkey;
-- breaks-users
DROP VIEW public.v;
ALTER SEQUENCE public.state_id_seq AS bigint MAXVALUE 9223372036854775807;
ALTER TABLE public.state ALTER COLUMN id DROP DEFAULT;
-- rewrites-table, breaks-users
ALTER TABLE public.state ALTER COLUMN id TYPE bigint;
ALTER TABLE public.state ALTER COLUMN id SET DEFAULT nextval('public.state_id_seq'::regclass);
ALTER TABLE public.child ALTER COLUMN id SET DEFAULT nextval('public.state_id_seq'::regclass);
ALTER SEQUENCE public.status_n_seq RENAME TO state_n_seq;
CREATE VIEW public.v AS
 SELECT state.status,
    state.id
   FROM public.state;
