CREATE TABLE hot (id integer, body text) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05);
CREATE TABLE plain (id integer, body text) WITH (toast.autovacuum_enabled = off, parallel_workers = 2);
