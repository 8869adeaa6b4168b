-- needs: 18
CREATE EXTENSION btree_gist;
CREATE TABLE stay (room integer, during daterange NOT NULL, CONSTRAINT stay_key UNIQUE (room, during WITHOUT OVERLAPS));
CREATE TABLE guest (room integer, during daterange, FOREIGN KEY (room, PERIOD during) REFERENCES stay (room, PERIOD during));
