ALTER TABLE public.two ALTER COLUMN id SET DEFAULT nextval('public.s3'::regclass);
ALTER SEQUENCE public.s1 OWNED BY public.two.id;
ALTER SEQUENCE public.s2 OWNED BY NONE;
ALTER SEQUENCE public.s3 OWNED BY public.two.id;
