DROP TABLE sync_session;
DROP TABLE sync_workers;
DROP TABLE sync_attempts;
DROP TABLE sync_targets;
DROP TABLE sync_jobs;
DROP TABLE sync_runs;
