CREATE TABLE account (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email text NOT NULL UNIQUE
);
CREATE TABLE session (
    token uuid PRIMARY KEY,
    account bigint NOT NULL REFERENCES account ON DELETE CASCADE,
    opened timestamp with time zone NOT NULL DEFAULT now(),
    payload jsonb
);
CREATE INDEX session_account ON session (account);
