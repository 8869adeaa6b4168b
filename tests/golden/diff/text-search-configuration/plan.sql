-- rewrites-table
ALTER TABLE public.page ADD COLUMN words tsvector GENERATED ALWAYS AS (to_tsvector('public.fresh'::regconfig, body)) STORED;
-- stays: text search configuration public.plain: it is another, and no DDL is known here for its kind: write it by hand
-- stays: text search configuration public.fresh: it is to be made, and no DDL is known here for its kind: write it by hand
-- stays: text search dictionary public.stems: it is to be made, and no DDL is known here for its kind: write it by hand
