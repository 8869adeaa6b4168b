ALTER TABLE public.customer DROP CONSTRAINT customer_legacy_code_check;
ALTER TABLE public.note DROP CONSTRAINT note_customer_fkey;
-- breaks-users
ALTER TABLE public.customer DROP CONSTRAINT customer_legacy_code_key;
DROP INDEX public.customer_legacy;
CREATE OR REPLACE VIEW public.customer_code AS
 SELECT customer.id,
    customer.name AS legacy_code
   FROM public.customer;
-- deletes-data, breaks-users
ALTER TABLE public.customer DROP COLUMN legacy_code;
