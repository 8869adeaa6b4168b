CREATE DOMAIN sort AS varchar(9) CHECK (VALUE::text = ANY (ARRAY['a'::varchar::text, 'b'::varchar::text]));
CREATE TABLE plain (
    id integer PRIMARY KEY,
    st varchar(10) CHECK (st::text = ANY (ARRAY['x'::varchar::text, 'y'::varchar::text])),
    sort sort,
    more varchar(10) CHECK (more IN ('a', NULL))
);
CREATE INDEX plain_some ON plain (id) WHERE st::text = ANY (ARRAY['x'::varchar::text, 'y''],['::varchar::text]);
ALTER TABLE plain ENABLE ROW LEVEL SECURITY;
CREATE POLICY few ON plain USING (st::text <> ALL (ARRAY['z'::varchar::text, 'q'::varchar::text]));
CREATE VIEW few AS SELECT id FROM plain WHERE st::text = ANY (ARRAY['x'::varchar::text, 'y'::varchar::text]);
