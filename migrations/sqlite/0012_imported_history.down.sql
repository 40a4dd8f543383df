ALTER TABLE sync_runs DROP COLUMN imported_from;
