-- needs: 18
CREATE TABLE item (a integer, b integer, c integer NOT NULL, d integer, e integer, f integer NOT NULL, g integer);
ALTER TABLE item ADD CONSTRAINT a_set NOT NULL a NOT VALID;
ALTER TABLE item ADD CONSTRAINT item_b_not_null NOT NULL b NOT VALID;
ALTER TABLE item ADD CONSTRAINT item_e_not_null NOT NULL e NO INHERIT;
COMMENT ON CONSTRAINT item_f_not_null ON item IS 'before';
CREATE TABLE parent (x integer);
CREATE TABLE child () INHERITS (parent);
