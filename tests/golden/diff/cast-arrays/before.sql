CREATE DOMAIN sort AS varchar(9) CHECK (VALUE IN ('a', 'b'));
CREATE TABLE plain (id integer PRIMARY KEY, st varchar(10) CHECK (st IN ('x', 'y')), sort sort);
CREATE INDEX plain_some ON plain (id) WHERE st IN ('x', 'y''],[');
ALTER TABLE plain ENABLE ROW LEVEL SECURITY;
CREATE POLICY few ON plain USING (st NOT IN ('z', 'q'));
CREATE VIEW few AS SELECT id FROM plain WHERE st IN ('x', 'y');
