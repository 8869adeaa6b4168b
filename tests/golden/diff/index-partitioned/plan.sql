DROP INDEX public.event_kind;
DROP INDEX public.event_a_own;
CREATE INDEX event_id ON ONLY public.event USING btree (id);
CREATE INDEX event_kind ON ONLY public.event USING btree (kind, at);
-- blocks-writes
CREATE INDEX event_a_id_idx ON public.event_a USING btree (id);
-- blocks-writes
CREATE INDEX event_a_kind_at_idx ON public.event_a USING btree (kind, at);
ALTER INDEX public.event_id ATTACH PARTITION public.event_a_id_idx;
ALTER INDEX public.event_kind ATTACH PARTITION public.event_a_kind_at_idx;
