CREATE TYPE person AS (name text, born date, died date);
CREATE TABLE people OF person (PRIMARY KEY (name), born WITH OPTIONS DEFAULT '2000-01-01');
CREATE TABLE ghosts OF person;
