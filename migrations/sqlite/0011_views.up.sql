-- Views for other readers that were installed into schemas of their own. Only PostgreSQL has any.
CREATE TABLE sync_views (
    schema_name   TEXT PRIMARY KEY,
    legacy_schema TEXT NOT NULL,
    floor_month   TEXT,
    fingerprint   TEXT NOT NULL,
    installed_at  TEXT NOT NULL,
    installed_by  TEXT NOT NULL,
    frozen_at     TEXT
);
