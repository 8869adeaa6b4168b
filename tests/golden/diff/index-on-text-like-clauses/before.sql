CREATE TABLE item (a text, deleted boolean);
CREATE INDEX item_text ON item ((a || ' WITH (x)'));
CREATE INDEX item_where ON item ((a || ' WHERE (x)')) WITH (fillfactor = 80) WHERE deleted;
