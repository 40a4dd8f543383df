-- Schedules, what became of each of their times, and the runs that they begin.

CREATE TABLE sync_schedules (
    name          TEXT PRIMARY KEY,
    cron          TEXT NOT NULL,
    -- The time zone that its times are in, such as America/Sao_Paulo.
    tz            TEXT NOT NULL,
    -- Of the backfill that each time begins.
    arguments     TEXT NOT NULL,
    -- A time begins a run although an earlier one of this schedule is open.
    overlap       BOOLEAN NOT NULL,
    created_at    TEXT NOT NULL,
    -- user@host, or who was signed in to the page.
    created_by    TEXT NOT NULL,
    -- Null while it is not paused.
    paused_at     TEXT,
    paused_by     TEXT,
    paused_why    TEXT,
    -- Every time up to this one is decided.
    decided_until TEXT NOT NULL
);

CREATE TABLE sync_schedule_times (
    schedule   TEXT NOT NULL REFERENCES sync_schedules (name) ON DELETE CASCADE,
    at         TEXT NOT NULL,
    -- run, skipped
    outcome    TEXT NOT NULL,
    -- The run that it began; may be gone from sync_runs.
    run_id     TEXT,
    -- Why it was skipped.
    why        TEXT,
    decided_at TEXT NOT NULL,
    PRIMARY KEY (schedule, at)
);

-- The schedule that began a run; may be removed. Null for any other run.
ALTER TABLE sync_runs ADD COLUMN schedule TEXT;
-- open: it is to be planned and has no jobs yet; refused: it is not going to be planned. Null: it is planned.
ALTER TABLE sync_runs ADD COLUMN planning TEXT;
-- Why the last try to plan it failed, or why it was refused.
ALTER TABLE sync_runs ADD COLUMN planning_problem TEXT;
-- Who plans it has it until then.
ALTER TABLE sync_runs ADD COLUMN planning_until TEXT;
-- Of the backfill that the schedule asked for.
ALTER TABLE sync_runs ADD COLUMN arguments TEXT;

CREATE INDEX sync_runs_planning ON sync_runs (created_at) WHERE planning = 'open';
CREATE INDEX sync_runs_schedule ON sync_runs (schedule, created_at) WHERE schedule IS NOT NULL;
