CREATE TABLE item (a text, deleted boolean);
CREATE INDEX item_text ON item ((a || ' WITH (y)'));
CREATE INDEX item_where ON item ((a || ' WHERE (x)')) WITH (fillfactor = 70) WHERE deleted;
