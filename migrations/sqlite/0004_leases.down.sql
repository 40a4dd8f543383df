ALTER TABLE sync_workers DROP COLUMN wanted_calls;
ALTER TABLE sync_workers DROP COLUMN held_calls;
