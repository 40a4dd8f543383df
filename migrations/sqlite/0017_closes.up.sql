-- Months that were signed off, with what the tables held then. Rows of closed cells never change; a close
-- ends when it is reopened.

CREATE TABLE sync_closes (
    id              INTEGER PRIMARY KEY,
    ref_month       TEXT NOT NULL,
    at              TEXT NOT NULL,
    -- user@host, or who was signed in to the page.
    by              TEXT NOT NULL,
    note            TEXT NOT NULL,
    -- Although the month was not over, or not complete.
    forced          BOOLEAN NOT NULL,
    -- ,1471,1502, of these empreendimentos alone, without cash out; a comma: of everything.
    empreendimentos TEXT NOT NULL,
    cells           INTEGER NOT NULL,
    -- SHA-256 over the cells in order; see shared/store/src/sql/closes.rs.
    digest          TEXT NOT NULL,
    reopened_at     TEXT,
    reopened_by     TEXT,
    reopened_note   TEXT
);
CREATE INDEX sync_closes_month ON sync_closes (ref_month);

CREATE TABLE sync_closed_cells (
    close_id INTEGER NOT NULL REFERENCES sync_closes (id) ON DELETE CASCADE,
    -- The table, and the code of the empreendimento or filial.
    kind     TEXT NOT NULL,
    owner    INTEGER NOT NULL,
    category TEXT NOT NULL,
    -- The run that wrote the row.
    run_id   TEXT NOT NULL,
    -- As in sync_cells.
    v0       INTEGER,
    v1       INTEGER,
    v2       INTEGER,
    v3       INTEGER,
    v4       INTEGER,
    v5       INTEGER,
    PRIMARY KEY (close_id, kind, owner, category)
);
