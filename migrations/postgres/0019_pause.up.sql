-- The fleet's pause: a row while one is on record, which stands while its time is not over.
CREATE TABLE sync_pause (
    id    bigint PRIMARY KEY CHECK (id = 1),
    at    timestamptz NOT NULL,
    -- When it ends by itself; null where somebody has to lift it.
    until timestamptz,
    -- user@host, as the machine it was asked on says.
    by    text NOT NULL,
    why   text NOT NULL
);
