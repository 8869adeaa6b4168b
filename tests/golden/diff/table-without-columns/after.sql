CREATE TABLE marker (seen boolean);
CREATE TABLE nothing ();
