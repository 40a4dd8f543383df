-- Each time that indices were loaded into ipca_mensal by a command: from where, and what changed.
CREATE TABLE sync_ipca_loads (
    at      timestamptz NOT NULL,
    by      text NOT NULL,
    source  text NOT NULL,
    added   bigint NOT NULL,
    revised bigint NOT NULL
);
