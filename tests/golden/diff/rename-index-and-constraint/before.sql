CREATE TABLE account (id integer CONSTRAINT pk PRIMARY KEY, a integer CONSTRAINT a_positive CHECK (a > 0));
CREATE INDEX idx1 ON account (a);
