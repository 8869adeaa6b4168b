CREATE TYPE tariff AS ENUM ('free', 'team', 'big');
CREATE TABLE account (id integer PRIMARY KEY, plan tariff DEFAULT 'free');
