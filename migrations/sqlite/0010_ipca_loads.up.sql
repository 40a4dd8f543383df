-- Each time that indices were loaded into ipca_mensal by a command: from where, and what changed.
CREATE TABLE sync_ipca_loads (
    at      TEXT NOT NULL,
    by      TEXT NOT NULL,
    source  TEXT NOT NULL,
    added   INTEGER NOT NULL,
    revised INTEGER NOT NULL
);
