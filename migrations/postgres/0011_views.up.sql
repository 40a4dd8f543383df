-- Views for other readers that were installed into schemas of their own. Only PostgreSQL has any.
CREATE TABLE sync_views (
    schema_name   text PRIMARY KEY,
    legacy_schema text NOT NULL,
    floor_month   text,
    fingerprint   text NOT NULL,
    installed_at  timestamptz NOT NULL,
    installed_by  text NOT NULL,
    frozen_at     timestamptz
);
