CREATE TABLE event (id integer, at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE event_a PARTITION OF event FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE INDEX event_id ON ONLY event (id);
CREATE INDEX event_a_other_name ON event_a (id);
ALTER INDEX event_id ATTACH PARTITION event_a_other_name;
