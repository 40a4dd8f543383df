-- How many calls at once the ERP has shown to take, for the next run to begin with; always one row.
CREATE TABLE sync_erp (
    id            bigint PRIMARY KEY CHECK (id = 1),
    learned_calls bigint,
    learned_at    timestamptz
);
INSERT INTO sync_erp (id) VALUES (1);
