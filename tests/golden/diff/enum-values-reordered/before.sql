CREATE TYPE level AS ENUM ('low', 'high', 'middle');
CREATE TABLE alarm (id integer PRIMARY KEY, level level);
CREATE DOMAIN serious AS level CHECK (VALUE <> 'low');
