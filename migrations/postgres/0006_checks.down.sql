ALTER TABLE sync_targets DROP COLUMN unlisted_since;
ALTER TABLE sync_requeues DROP COLUMN accepted;
ALTER TABLE sync_jobs DROP COLUMN accepted;
ALTER TABLE sync_runs DROP COLUMN replace_newer, DROP COLUMN requested_by;
DROP TABLE sync_coverage;
DROP TABLE sync_contratos;
DROP TABLE sync_checks;
