ALTER TABLE public.post DROP CONSTRAINT author;
-- depends-on-data, blocks-writes
ALTER TABLE public.post ADD CONSTRAINT author FOREIGN KEY (tenant, author) REFERENCES public.tenant_user(tenant, id) ON DELETE SET NULL (author);
