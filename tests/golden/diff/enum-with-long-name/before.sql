CREATE TYPE abcdefghijklmnopqrstuvwxyz_abcdefghijklmnopqrstuvwxyz_abcdefghi AS ENUM ('a', 'b', 'c');
CREATE TABLE item (a abcdefghijklmnopqrstuvwxyz_abcdefghijklmnopqrstuvwxyz_abcdefghi);
