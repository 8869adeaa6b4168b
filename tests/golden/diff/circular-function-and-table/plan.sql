CREATE OR REPLACE FUNCTION public.next_account()
 RETURNS integer
 LANGUAGE sql
AS $function$ SELECT coalesce(max(id), 0) + 1 FROM account $function$;
CREATE TABLE public.account (
    id integer DEFAULT public.next_account() NOT NULL,
    parent integer,
    CONSTRAINT account_pkey PRIMARY KEY (id)
);
CREATE OR REPLACE FUNCTION public.is_root(public.account)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
AS $function$ SELECT $1.parent IS NULL $function$;
CREATE INDEX account_root ON public.account USING btree (public.is_root(account.*));
ALTER TABLE public.account ADD CONSTRAINT roots CHECK ((public.is_root(account.*) OR (parent > 0)));
