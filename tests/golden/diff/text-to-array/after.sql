CREATE TABLE item (id integer PRIMARY KEY, a varchar(10)[], b numeric(5,1), c boolean);
