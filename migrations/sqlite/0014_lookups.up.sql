-- What the page looks up in a ledger of years: the checks of an attempt, and the jobs that are open or
-- failed, a small part of all.

CREATE INDEX sync_checks_attempt ON sync_checks (target, generation);
CREATE INDEX sync_jobs_pending ON sync_jobs (target) WHERE state NOT IN ('done', 'superseded');
