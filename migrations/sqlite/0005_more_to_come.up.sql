-- Whether a worker has all the jobs it takes at once. Null for a build that does not say so.

ALTER TABLE sync_workers ADD COLUMN more_to_come INTEGER;
