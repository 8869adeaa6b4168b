CREATE TEXT SEARCH CONFIGURATION plain (COPY = simple);
CREATE TABLE page (id integer PRIMARY KEY, body text);
