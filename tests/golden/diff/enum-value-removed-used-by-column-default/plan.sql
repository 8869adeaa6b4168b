DROP INDEX public.ticket_open;
-- breaks-users
DROP VIEW public.open_tickets;
-- breaks-users
DROP FUNCTION public.is_open(public.state);
ALTER TYPE public.state RENAME TO state__replaced;
CREATE TYPE public.state AS ENUM ('open', 'closed');
CREATE OR REPLACE FUNCTION public.is_open(public.state)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
AS $function$ SELECT $1 = 'open' $function$;
ALTER TABLE public.ticket ALTER COLUMN history DROP DEFAULT;
-- rewrites-table, breaks-users, depends-on-data
ALTER TABLE public.ticket ALTER COLUMN history TYPE public.state[] USING history::text[]::public.state[];
ALTER TABLE public.ticket ALTER COLUMN history SET DEFAULT '{open}'::public.state[];
ALTER TABLE public.ticket ALTER COLUMN state DROP DEFAULT;
-- rewrites-table, breaks-users, depends-on-data
ALTER TABLE public.ticket ALTER COLUMN state TYPE public.state USING state::text::public.state;
ALTER TABLE public.ticket ALTER COLUMN state SET DEFAULT 'open'::public.state;
CREATE VIEW public.open_tickets AS
 SELECT ticket.id,
    ticket.state
   FROM public.ticket
  WHERE (ticket.state = 'open'::public.state);
-- blocks-writes
CREATE INDEX ticket_open ON public.ticket USING btree (id) WHERE (state = 'open'::public.state);
DROP TYPE public.state__replaced;
