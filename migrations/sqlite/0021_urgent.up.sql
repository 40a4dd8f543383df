-- The jobs of an urgent run have queues of their own, and are not behind those of other runs.
ALTER TABLE sync_runs ADD COLUMN urgent BOOLEAN NOT NULL DEFAULT FALSE;
