-- blocks-writes
CREATE INDEX event_a_other_name ON public.event_a USING btree (id);
ALTER INDEX public.event_id ATTACH PARTITION public.event_a_other_name;
