-- Who had which failed job done again, when and why.

CREATE TABLE sync_requeues (
    run_id        TEXT NOT NULL,
    target        TEXT NOT NULL,
    at            TEXT NOT NULL,
    -- user@host, as the machine it was asked on says.
    by            TEXT NOT NULL,
    -- Of the failure; null when none was recorded.
    fingerprint   TEXT,
    accept_shrink BOOLEAN NOT NULL,
    -- What was asked for: all, or which causes and empreendimentos.
    filter        TEXT NOT NULL,
    FOREIGN KEY (run_id, target) REFERENCES sync_jobs (run_id, target) ON DELETE CASCADE
);
CREATE INDEX sync_requeues_job ON sync_requeues (run_id, target, at);
