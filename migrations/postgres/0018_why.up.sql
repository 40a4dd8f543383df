-- Actions say what they are about and why; those of an earlier version say neither.

-- What it is about where that is no run, such as the name of a schedule.
ALTER TABLE sync_actions ADD COLUMN about text;
-- As the person who acted put it.
ALTER TABLE sync_actions ADD COLUMN why text;
