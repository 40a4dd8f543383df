-- The schema of the replaced system's tables that a run took history over from. Only PostgreSQL has any.
ALTER TABLE sync_runs ADD COLUMN imported_from TEXT;
