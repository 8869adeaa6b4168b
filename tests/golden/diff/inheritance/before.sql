CREATE TABLE city (name text NOT NULL, population integer);
CREATE TABLE capital (state text) INHERITS (city);
CREATE TABLE village (name text NOT NULL, population integer, church boolean);
