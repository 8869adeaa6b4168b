CREATE TABLE account (id integer PRIMARY KEY);
CREATE TABLE event (id integer, account integer REFERENCES account, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE event_2024 PARTITION OF event FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE event_2025 PARTITION OF event FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE remark (event integer, at date, FOREIGN KEY (event, at) REFERENCES event);
