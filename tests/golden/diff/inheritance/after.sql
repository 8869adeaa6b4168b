CREATE TABLE city (name text NOT NULL, population bigint, founded date);
CREATE TABLE capital (state text DEFAULT 'none') INHERITS (city);
CREATE TABLE village (name text NOT NULL, population bigint, founded date, church boolean) INHERITS (city);
CREATE TABLE port (ships integer) INHERITS (city);
