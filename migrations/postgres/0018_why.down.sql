ALTER TABLE sync_actions DROP COLUMN why;
ALTER TABLE sync_actions DROP COLUMN about;
