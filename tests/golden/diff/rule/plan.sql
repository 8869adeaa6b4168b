-- breaks-users
DROP RULE gone ON public.account;
CREATE VIEW public.v AS
 SELECT account.id
   FROM public.account;
CREATE OR REPLACE RULE keep AS
    ON DELETE TO public.account
   WHERE (old.id > 10) DO INSTEAD  INSERT INTO public.log (id)
  VALUES (old.id);
COMMENT ON RULE keep ON public.account IS 'Log instead';
ALTER TABLE public.account DISABLE RULE off;
CREATE RULE v_insert AS
    ON INSERT TO public.v DO INSTEAD ( INSERT INTO public.account (id)
  VALUES (new.id);
 INSERT INTO public.log (id)
  VALUES (new.id);
);
