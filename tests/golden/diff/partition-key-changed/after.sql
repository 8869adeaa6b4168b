CREATE TABLE event (id integer, at date NOT NULL, region text NOT NULL) PARTITION BY LIST (region);
CREATE TABLE event_a PARTITION OF event FOR VALUES IN ('eu');
