ALTER TYPE public.size ADD VALUE 'tiny' BEFORE 'small';
ALTER TYPE public.size ADD VALUE 'medium' AFTER 'small';
ALTER TYPE public.size ADD VALUE 'huge' AFTER 'large';
