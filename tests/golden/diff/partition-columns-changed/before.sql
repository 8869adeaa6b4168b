CREATE TABLE event (id integer, at date NOT NULL, kind text, gone integer) PARTITION BY RANGE (at);
CREATE TABLE event_a PARTITION OF event FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE event_b PARTITION OF event (kind DEFAULT 'b') FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
