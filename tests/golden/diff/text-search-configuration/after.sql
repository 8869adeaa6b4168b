CREATE TEXT SEARCH DICTIONARY stems (TEMPLATE = snowball, LANGUAGE = english, STOPWORDS = english);
CREATE TEXT SEARCH CONFIGURATION plain (COPY = simple);
ALTER TEXT SEARCH CONFIGURATION plain ALTER MAPPING FOR asciiword WITH stems;
CREATE TEXT SEARCH CONFIGURATION fresh (COPY = english);
CREATE TABLE page (id integer PRIMARY KEY, body text, words tsvector GENERATED ALWAYS AS (to_tsvector('fresh', body)) STORED);
