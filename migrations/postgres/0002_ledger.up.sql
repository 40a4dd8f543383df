-- What was asked, what is done, what failed and why.

CREATE TABLE sync_runs (
    id         text PRIMARY KEY,
    start_date date NOT NULL,
    end_date   date NOT NULL,
    as_of      date NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX sync_runs_created ON sync_runs (created_at);

CREATE TABLE sync_jobs (
    run_id          text NOT NULL REFERENCES sync_runs (id) ON DELETE CASCADE,
    target          text NOT NULL,
    -- The order to publish in.
    seq             bigint NOT NULL,
    nome            text NOT NULL,
    state           text NOT NULL DEFAULT 'queued',
    -- When the broker last confirmed its message; null while it has not.
    published_at    timestamptz,
    -- Of its newest attempt; null before the first.
    generation      bigint,
    errors          bigint NOT NULL DEFAULT 0,
    crashes         bigint NOT NULL DEFAULT 0,
    deferrals       bigint NOT NULL DEFAULT 0,
    -- A person allowed the result to shrink.
    accept_shrink   boolean NOT NULL DEFAULT false,
    class           text,
    fingerprint     text,
    message         text,
    next_attempt_at timestamptz,
    started_at      timestamptz,
    finished_at     timestamptz,
    worker          text,
    manifest        jsonb,
    PRIMARY KEY (run_id, target),
    UNIQUE (run_id, seq)
);

-- One row a target: whose turn it is, and what was committed last.
CREATE TABLE sync_targets (
    target            text PRIMARY KEY,
    -- Fencing token of the newest attempt.
    generation        bigint NOT NULL DEFAULT 0,
    -- Who may commit; null when nobody works on it.
    holder_run        text,
    holder_worker     text,
    -- The last commit.
    committed_at      timestamptz,
    commit_generation bigint,
    commit_run        text,
    commit_created_at timestamptz,
    commit_start_date date,
    commit_end_date   date,
    commit_as_of      date,
    commit_manifest   jsonb
);
CREATE INDEX sync_targets_committed ON sync_targets (committed_at);

CREATE TABLE sync_attempts (
    target      text NOT NULL,
    generation  bigint NOT NULL,
    run_id      text NOT NULL,
    worker      text NOT NULL,
    started_at  timestamptz NOT NULL,
    finished_at timestamptz,
    -- running, done, retry, deferred, failed, returned, superseded, crashed
    outcome     text NOT NULL DEFAULT 'running',
    class       text,
    fingerprint text,
    message     text,
    manifest    jsonb,
    PRIMARY KEY (target, generation)
);
CREATE INDEX sync_attempts_run ON sync_attempts (run_id, target);

CREATE TABLE sync_workers (
    id           text PRIMARY KEY,
    started_at   timestamptz NOT NULL,
    heartbeat_at timestamptz NOT NULL,
    stopped_at   timestamptz
);

-- The fleet's one session with the ERP; always one row.
CREATE TABLE sync_session (
    id                 bigint PRIMARY KEY CHECK (id = 1),
    version            bigint NOT NULL DEFAULT 0,
    access_token       text,
    expires_at         timestamptz,
    refresh_token      text,
    refresh_expires_at timestamptz,
    refused_at         timestamptz,
    refused_why        text,
    -- Who renews it, alone, and until when.
    renewal_holder     text,
    renewal_until      timestamptz
);
INSERT INTO sync_session (id) VALUES (1);
