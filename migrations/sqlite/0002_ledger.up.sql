-- What was asked, what is done, what failed and why.

CREATE TABLE sync_runs (
    id         TEXT PRIMARY KEY,
    start_date TEXT NOT NULL,
    end_date   TEXT NOT NULL,
    as_of      TEXT NOT NULL,
    created_at TEXT NOT NULL
);
CREATE INDEX sync_runs_created ON sync_runs (created_at);

CREATE TABLE sync_jobs (
    run_id          TEXT NOT NULL REFERENCES sync_runs (id) ON DELETE CASCADE,
    target          TEXT NOT NULL,
    -- The order to publish in.
    seq             INTEGER NOT NULL,
    nome            TEXT NOT NULL,
    state           TEXT NOT NULL DEFAULT 'queued',
    -- When the broker last confirmed its message; null while it has not.
    published_at    TEXT,
    -- Of its newest attempt; null before the first.
    generation      INTEGER,
    errors          INTEGER NOT NULL DEFAULT 0,
    crashes         INTEGER NOT NULL DEFAULT 0,
    deferrals       INTEGER NOT NULL DEFAULT 0,
    -- A person allowed the result to shrink.
    accept_shrink   BOOLEAN NOT NULL DEFAULT FALSE,
    class           TEXT,
    fingerprint     TEXT,
    message         TEXT,
    next_attempt_at TEXT,
    started_at      TEXT,
    finished_at     TEXT,
    worker          TEXT,
    manifest        TEXT,
    PRIMARY KEY (run_id, target),
    UNIQUE (run_id, seq)
);

-- One row a target: whose turn it is, and what was committed last.
CREATE TABLE sync_targets (
    target            TEXT PRIMARY KEY,
    -- Fencing token of the newest attempt.
    generation        INTEGER NOT NULL DEFAULT 0,
    -- Who may commit; null when nobody works on it.
    holder_run        TEXT,
    holder_worker     TEXT,
    -- The last commit.
    committed_at      TEXT,
    commit_generation INTEGER,
    commit_run        TEXT,
    commit_created_at TEXT,
    commit_start_date TEXT,
    commit_end_date   TEXT,
    commit_as_of      TEXT,
    commit_manifest   TEXT
);
CREATE INDEX sync_targets_committed ON sync_targets (committed_at);

CREATE TABLE sync_attempts (
    target      TEXT NOT NULL,
    generation  INTEGER NOT NULL,
    run_id      TEXT NOT NULL,
    worker      TEXT NOT NULL,
    started_at  TEXT NOT NULL,
    finished_at TEXT,
    -- running, done, retry, deferred, failed, returned, superseded, crashed
    outcome     TEXT NOT NULL DEFAULT 'running',
    class       TEXT,
    fingerprint TEXT,
    message     TEXT,
    manifest    TEXT,
    PRIMARY KEY (target, generation)
);
CREATE INDEX sync_attempts_run ON sync_attempts (run_id, target);

CREATE TABLE sync_workers (
    id           TEXT PRIMARY KEY,
    started_at   TEXT NOT NULL,
    heartbeat_at TEXT NOT NULL,
    stopped_at   TEXT
);

-- The fleet's one session with the ERP; always one row.
CREATE TABLE sync_session (
    id                 INTEGER PRIMARY KEY CHECK (id = 1),
    version            INTEGER NOT NULL DEFAULT 0,
    access_token       TEXT,
    expires_at         TEXT,
    refresh_token      TEXT,
    refresh_expires_at TEXT,
    refused_at         TEXT,
    refused_why        TEXT,
    -- Who renews it, alone, and until when.
    renewal_holder     TEXT,
    renewal_until      TEXT
);
INSERT INTO sync_session (id) VALUES (1);
