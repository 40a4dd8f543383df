DROP INDEX sync_jobs_pending;
DROP INDEX sync_checks_attempt;
