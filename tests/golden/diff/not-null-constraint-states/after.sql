-- needs: 18
CREATE TABLE item (a integer, b integer CONSTRAINT b_set NOT NULL, c integer, d integer CONSTRAINT d_set NOT NULL, e integer NOT NULL, f integer NOT NULL, g integer);
ALTER TABLE item ADD CONSTRAINT a_set NOT NULL a;
ALTER TABLE item ADD CONSTRAINT c_set NOT NULL c NOT VALID;
ALTER TABLE item ADD CONSTRAINT g_set NOT NULL g NO INHERIT NOT VALID;
COMMENT ON CONSTRAINT c_set ON item IS 'later';
COMMENT ON CONSTRAINT item_f_not_null ON item IS 'after';
COMMENT ON CONSTRAINT item_e_not_null ON item IS 'new';
CREATE TABLE parent (x integer CONSTRAINT x_set NOT NULL NO INHERIT);
CREATE TABLE child () INHERITS (parent);
CREATE TABLE made (y integer CONSTRAINT y_set NOT NULL NO INHERIT, z integer);
COMMENT ON CONSTRAINT y_set ON made IS 'made';
ALTER TABLE made ADD CONSTRAINT z_set NOT NULL z NO INHERIT NOT VALID;
