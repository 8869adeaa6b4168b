ALTER DOMAIN public.email DROP CONSTRAINT shape;
-- depends-on-data, blocks-writes
ALTER DOMAIN public.email ADD CONSTRAINT shape CHECK ((VALUE ~ '^[^@]+@[^@]+$'::text));
