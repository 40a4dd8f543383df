-- When a job that is set aside was set aside first, since it was queued or since its last attempt of
-- another kind. Null for one that is not, and until its next deferral for one that an older build
-- has set aside.

ALTER TABLE sync_jobs ADD COLUMN deferred_since timestamptz;
