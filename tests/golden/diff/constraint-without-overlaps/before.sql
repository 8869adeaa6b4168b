-- needs: 18
CREATE EXTENSION btree_gist;
CREATE TABLE stay (room integer, during daterange NOT NULL, CONSTRAINT stay_key UNIQUE (room, during));
