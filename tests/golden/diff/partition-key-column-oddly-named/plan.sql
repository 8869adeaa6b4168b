ALTER TABLE public.event ALTER COLUMN "Odd at" SET DEFAULT 7;
-- depends-on-data, scans-table
ALTER TABLE public.event ALTER COLUMN "Odd at" SET NOT NULL;
COMMENT ON COLUMN public.event."Odd at" IS 'When';
-- stays: column public.event."Odd at": it is part of a partition key, and no DDL changes its type: make another table, and copy the rows
