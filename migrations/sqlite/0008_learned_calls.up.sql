-- How many calls at once the ERP has shown to take, for the next run to begin with; always one row.
CREATE TABLE sync_erp (
    id            INTEGER PRIMARY KEY CHECK (id = 1),
    learned_calls INTEGER,
    learned_at    TEXT
);
INSERT INTO sync_erp (id) VALUES (1);
