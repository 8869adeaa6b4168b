CREATE TABLE parent (a integer, CONSTRAINT c1 CHECK (a > 0) NO INHERIT, CONSTRAINT c2 CHECK (a < 100));
CREATE TABLE child (b integer, CONSTRAINT own CHECK (b > a)) INHERITS (parent);
