CREATE TABLE base (id integer DEFAULT 1, note text);
CREATE TABLE other (extra integer);
CREATE TABLE child (own integer) INHERITS (base);
CREATE TABLE both_parents () INHERITS (base, other);
