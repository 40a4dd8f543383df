-- The version before takes a run without jobs for a complete one.
DELETE FROM sync_runs WHERE planning IS NOT NULL;
DROP INDEX sync_runs_schedule;
DROP INDEX sync_runs_planning;
ALTER TABLE sync_runs DROP COLUMN arguments;
ALTER TABLE sync_runs DROP COLUMN planning_until;
ALTER TABLE sync_runs DROP COLUMN planning_problem;
ALTER TABLE sync_runs DROP COLUMN planning;
ALTER TABLE sync_runs DROP COLUMN schedule;
DROP TABLE sync_schedule_times;
DROP TABLE sync_schedules;
