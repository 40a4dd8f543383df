-- The fleet's pause: a row while one is on record, which stands while its time is not over.
CREATE TABLE sync_pause (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    at    TEXT NOT NULL,
    -- When it ends by itself; null where somebody has to lift it.
    until TEXT,
    -- user@host, as the machine it was asked on says.
    by    TEXT NOT NULL,
    why   TEXT NOT NULL
);
