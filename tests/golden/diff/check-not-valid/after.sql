CREATE TABLE item (id integer PRIMARY KEY, price numeric, stock integer);
ALTER TABLE item ADD CONSTRAINT price_positive CHECK (price > 0);
ALTER TABLE item ADD CONSTRAINT stock_positive CHECK (stock > 0) NOT VALID;
ALTER TABLE item ADD CONSTRAINT dear_or_many CHECK (stock > price) NOT VALID;
