CREATE TABLE event ("Odd at" bigint NOT NULL DEFAULT 7, note text) PARTITION BY RANGE ("Odd at");
COMMENT ON COLUMN event."Odd at" IS 'When';
