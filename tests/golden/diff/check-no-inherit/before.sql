CREATE TABLE parent (a integer, CONSTRAINT c1 CHECK (a > 0), CONSTRAINT c2 CHECK (a < 100) NO INHERIT);
CREATE TABLE child (b integer) INHERITS (parent);
