CREATE TYPE public.mood AS ENUM ('sad', 'it''s fine', 'happy');
COMMENT ON TYPE public.mood IS 'How it goes';
ALTER TYPE public.plan ADD VALUE 'enterprise' AFTER 'team';
