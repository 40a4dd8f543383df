-- Who did what beside backfills and requeues, which sync_runs and sync_requeues record.

CREATE TABLE sync_actions (
    at     TEXT NOT NULL,
    -- user@host, as the machine it was asked on says.
    by     TEXT NOT NULL,
    -- resume: published what was missing of a run; signin_retry: lifted a refused sign-in. Later
    -- versions write more kinds.
    what   TEXT NOT NULL,
    -- Null for an action that is not about one run.
    run_id TEXT REFERENCES sync_runs (id) ON DELETE CASCADE
);
CREATE INDEX sync_actions_run ON sync_actions (run_id, at);
