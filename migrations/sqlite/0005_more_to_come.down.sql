ALTER TABLE sync_workers DROP COLUMN more_to_come;
