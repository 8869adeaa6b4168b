-- depends-on-data
ALTER DOMAIN public.age VALIDATE CONSTRAINT positive;
ALTER DOMAIN public.email DROP CONSTRAINT shape;
ALTER DOMAIN public.email ADD CONSTRAINT shape CHECK ((VALUE ~~ '%@%'::text)) NOT VALID;
