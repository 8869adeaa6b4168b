CREATE TABLE account (id bigint PRIMARY KEY);
CREATE TABLE entry (id bigint PRIMARY KEY, account bigint NOT NULL REFERENCES account);
CREATE TABLE remark (entry bigint REFERENCES entry ON DELETE CASCADE);
