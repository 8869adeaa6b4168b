CREATE TABLE event ("Odd at" integer, note text) PARTITION BY RANGE ("Odd at");
