-- Schedules, what became of each of their times, and the runs that they begin.

CREATE TABLE sync_schedules (
    name          text PRIMARY KEY,
    cron          text NOT NULL,
    -- The time zone that its times are in, such as America/Sao_Paulo.
    tz            text NOT NULL,
    -- Of the backfill that each time begins.
    arguments     jsonb NOT NULL,
    -- A time begins a run although an earlier one of this schedule is open.
    overlap       boolean NOT NULL,
    created_at    timestamptz NOT NULL,
    -- user@host, or who was signed in to the page.
    created_by    text NOT NULL,
    -- Null while it is not paused.
    paused_at     timestamptz,
    paused_by     text,
    paused_why    text,
    -- Every time up to this one is decided.
    decided_until timestamptz NOT NULL
);

CREATE TABLE sync_schedule_times (
    schedule   text NOT NULL REFERENCES sync_schedules (name) ON DELETE CASCADE,
    at         timestamptz NOT NULL,
    -- run, skipped
    outcome    text NOT NULL,
    -- The run that it began; may be gone from sync_runs.
    run_id     text,
    -- Why it was skipped.
    why        text,
    decided_at timestamptz NOT NULL,
    PRIMARY KEY (schedule, at)
);

-- The schedule that began a run; may be removed. Null for any other run.
ALTER TABLE sync_runs ADD COLUMN schedule text;
-- open: it is to be planned and has no jobs yet; refused: it is not going to be planned. Null: it is planned.
ALTER TABLE sync_runs ADD COLUMN planning text;
-- Why the last try to plan it failed, or why it was refused.
ALTER TABLE sync_runs ADD COLUMN planning_problem text;
-- Who plans it has it until then.
ALTER TABLE sync_runs ADD COLUMN planning_until timestamptz;
-- Of the backfill that the schedule asked for.
ALTER TABLE sync_runs ADD COLUMN arguments jsonb;

CREATE INDEX sync_runs_planning ON sync_runs (created_at) WHERE planning = 'open';
CREATE INDEX sync_runs_schedule ON sync_runs (schedule, created_at) WHERE schedule IS NOT NULL;
