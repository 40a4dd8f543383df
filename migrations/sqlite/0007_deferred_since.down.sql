ALTER TABLE sync_jobs DROP COLUMN deferred_since;
