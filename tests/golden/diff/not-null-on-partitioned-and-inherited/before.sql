CREATE TABLE event (id integer, at date) PARTITION BY RANGE (at);
CREATE TABLE event_a PARTITION OF event FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE base (a integer NOT NULL, b integer);
CREATE TABLE derived (c integer) INHERITS (base);
