-- What the views stand on. {compat}, {ours} and {legacy} are schemas.

-- The internal id of each code that readers have seen. Frozen at the switch.
CREATE TABLE IF NOT EXISTS {compat}.mega_sync_ids (
    kind text NOT NULL CHECK (kind IN ('empreendimento', 'filial')),
    code bigint NOT NULL,
    id   integer NOT NULL,
    PRIMARY KEY (kind, code),
    UNIQUE (kind, id)
);

-- Old timestamps may be without a time zone, and then hold UTC.
CREATE OR REPLACE FUNCTION {compat}.utc(timestamp with time zone) RETURNS timestamp with time zone
LANGUAGE sql IMMUTABLE AS $$ SELECT $1 $$;
CREATE OR REPLACE FUNCTION {compat}.utc(timestamp without time zone) RETURNS timestamp with time zone
LANGUAGE sql IMMUTABLE AS $$ SELECT $1 AT TIME ZONE 'UTC' $$;

-- Old rows of this origin whose code mega-sync never held: history.
CREATE OR REPLACE VIEW {compat}.mega_sync_unheld_empreendimentos AS
SELECT o.id FROM {legacy}.empreendimentos o
WHERE o.origem = 'mega' AND NOT EXISTS (SELECT FROM {ours}.empreendimentos t WHERE t.id = o.external_id);
CREATE OR REPLACE VIEW {compat}.mega_sync_unheld_filiais AS
SELECT o.id FROM {legacy}.filiais o
WHERE o.origem = 'mega' AND NOT EXISTS (SELECT FROM {ours}.filiais t WHERE t.id = o.external_id);
