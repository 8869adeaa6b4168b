CREATE TYPE plan AS ENUM ('free', 'team', 'enterprise');
CREATE TABLE account (id integer PRIMARY KEY, plan plan NOT NULL DEFAULT 'free');
CREATE TYPE mood AS ENUM ('sad', 'it''s fine', 'happy');
COMMENT ON TYPE mood IS 'How it goes';
