CREATE TABLE event (id integer, at date NOT NULL, kind text) PARTITION BY RANGE (at);
CREATE TABLE event_a PARTITION OF event FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE INDEX event_kind ON event (kind);
CREATE INDEX event_a_own ON event_a (id);
