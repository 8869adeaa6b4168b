CREATE SEQUENCE public.public_id AS bigint START WITH 1 INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 CACHE 1;
CREATE TABLE public.three (
    id bigint DEFAULT (nextval('public.public_id'::regclass) + nextval('public.global_id'::regclass)) NOT NULL,
    CONSTRAINT three_pkey PRIMARY KEY (id)
);
CREATE TABLE public.two (
    id bigint DEFAULT nextval('public.global_id'::regclass) NOT NULL,
    CONSTRAINT two_pkey PRIMARY KEY (id)
);
