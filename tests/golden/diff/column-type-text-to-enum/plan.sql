DROP INDEX public.ticket_open;
CREATE TYPE public.ticket_state AS ENUM ('open', 'closed');
ALTER TABLE public.ticket ALTER COLUMN state DROP DEFAULT;
-- rewrites-table, breaks-users, depends-on-data
ALTER TABLE public.ticket ALTER COLUMN state TYPE public.ticket_state USING state::public.ticket_state;
ALTER TABLE public.ticket ALTER COLUMN state SET DEFAULT 'open'::public.ticket_state;
-- blocks-writes
CREATE INDEX ticket_open ON public.ticket USING btree (id) WHERE (state = 'open'::public.ticket_state);
