CREATE TABLE public.b (
    id integer GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME public.b_id_seq START WITH 1 INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 CACHE 1) NOT NULL,
    CONSTRAINT b_pkey PRIMARY KEY (id)
);
COMMENT ON SEQUENCE public.b_id_seq IS 'of another column';
COMMENT ON SEQUENCE public.a_id_seq IS 'of the column';
COMMENT ON INDEX public.a_email_key IS NULL;
COMMENT ON CONSTRAINT a_pkey ON public.a IS 'the key';
COMMENT ON INDEX public.a_pkey IS 'of the key';
COMMENT ON INDEX public.b_pkey IS 'of another key';
