CREATE TABLE sale (amount numeric);
