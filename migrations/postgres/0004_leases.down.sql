ALTER TABLE sync_workers DROP COLUMN wanted_calls, DROP COLUMN held_calls;
