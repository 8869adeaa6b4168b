CREATE TABLE event (id integer NOT NULL, at date) PARTITION BY RANGE (at);
CREATE TABLE event_a PARTITION OF event FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE base (a integer, b integer NOT NULL);
CREATE TABLE derived (c integer) INHERITS (base);
