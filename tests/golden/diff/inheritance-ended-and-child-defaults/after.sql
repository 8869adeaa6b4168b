CREATE TABLE base (id integer DEFAULT 1, note text);
CREATE TABLE other (extra integer);
CREATE TABLE child (id integer DEFAULT 2, note text, own integer);
CREATE TABLE both_parents () INHERITS (base, other);
ALTER TABLE both_parents ALTER COLUMN id SET DEFAULT 7;
ALTER TABLE both_parents ALTER COLUMN note SET NOT NULL;
