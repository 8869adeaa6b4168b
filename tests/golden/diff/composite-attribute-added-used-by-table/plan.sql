ALTER TYPE public.address ADD ATTRIBUTE country text;
