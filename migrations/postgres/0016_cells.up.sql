-- Every change of a published cell: rows are only ever added, and removed when they are past what is kept.
-- A cell that did not change adds none.

CREATE TABLE sync_cells (
    -- The table that publishes the cell.
    kind       text NOT NULL,
    -- Code of the empreendimento; of saidas_caixa, of the filial.
    owner      bigint NOT NULL,
    ref_month  text NOT NULL,
    -- Empty where the table has none.
    category   text NOT NULL,
    -- When it became so.
    at         timestamptz NOT NULL,
    run_id     text NOT NULL,
    -- Of the attempt; null where no attempt wrote it.
    generation bigint,
    -- Of the run.
    as_of      date,
    -- The table's columns of figures in its order, without their decimal point. All null: the cell
    -- disappeared.
    v0         bigint,
    v1         bigint,
    v2         bigint,
    v3         bigint,
    v4         bigint,
    v5         bigint,
    -- The same before, so that what changed in a time is read from its rows alone. All null: the cell
    -- appeared.
    p0         bigint,
    p1         bigint,
    p2         bigint,
    p3         bigint,
    p4         bigint,
    p5         bigint,
    PRIMARY KEY (kind, owner, ref_month, category, at)
);
-- What changed since a time, of all months or of one.
CREATE INDEX sync_cells_at ON sync_cells (at);
CREATE INDEX sync_cells_month ON sync_cells (ref_month, at);

-- What stands in the tables is the first that is known of each cell.
INSERT INTO sync_cells (kind, owner, ref_month, category, at, run_id, generation, as_of,
                        v0, v1, v2, v3, v4, v5)
SELECT 'entradas_caixa', t.empreendimento_id, t.ref_month, t.category,
       t.synced_at, t.run_id, a.generation, r.as_of,
       t.forecast * 100, t.actual * 100, NULL, NULL, NULL, NULL
FROM entradas_caixa t
LEFT JOIN sync_attempts a
    ON a.target = t.empreendimento_id::text AND a.run_id = t.run_id AND a.outcome = 'done'
LEFT JOIN sync_runs r ON r.id = t.run_id;

INSERT INTO sync_cells (kind, owner, ref_month, category, at, run_id, generation, as_of,
                        v0, v1, v2, v3, v4, v5)
SELECT 'delinquency', t.empreendimento_id, t.ref_month, '',
       t.synced_at, t.run_id, a.generation, r.as_of,
       t.up_to_30 * 100, t.days_30_60 * 100, t.days_60_90 * 100, t.days_90_180 * 100, t.above_180 * 100, t.total * 100
FROM delinquency t
LEFT JOIN sync_attempts a
    ON a.target = t.empreendimento_id::text AND a.run_id = t.run_id AND a.outcome = 'done'
LEFT JOIN sync_runs r ON r.id = t.run_id;

INSERT INTO sync_cells (kind, owner, ref_month, category, at, run_id, generation, as_of,
                        v0, v1, v2, v3, v4, v5)
SELECT 'estatisticas_portfolio', t.empreendimento_id, t.ref_month, '',
       t.synced_at, t.run_id, a.generation, r.as_of,
       t.vp * 100, t.ltv * 100, t.prazo_medio * 10, t.duration * 100, t.total_contracts, t.active_contracts
FROM estatisticas_portfolio t
LEFT JOIN sync_attempts a
    ON a.target = t.empreendimento_id::text AND a.run_id = t.run_id AND a.outcome = 'done'
LEFT JOIN sync_runs r ON r.id = t.run_id;

INSERT INTO sync_cells (kind, owner, ref_month, category, at, run_id, generation, as_of,
                        v0, v1, v2, v3, v4, v5)
SELECT 'saidas_caixa', t.filial_id, t.mes_referencia, t.categoria,
       t.synced_at, t.run_id, a.generation, r.as_of,
       t.orcamento * 100, t.realizado * 100, NULL, NULL, NULL, NULL
FROM saidas_caixa t
LEFT JOIN sync_attempts a
    ON a.target = 'saidas-caixa' AND a.run_id = t.run_id AND a.outcome = 'done'
LEFT JOIN sync_runs r ON r.id = t.run_id;

-- Each table as it stood at a time: its keys and figures, the run that made them so, when, and that run's
-- as_of. Names are today's.
CREATE FUNCTION sync_cells_as_of(of_kind text, moment timestamptz)
RETURNS SETOF sync_cells LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
    SELECT * FROM (SELECT DISTINCT ON (owner, ref_month, category) * FROM sync_cells
                   WHERE kind = of_kind AND at <= moment
                   ORDER BY owner, ref_month, category, at DESC) AS last
    WHERE v0 IS NOT NULL
$$;

CREATE FUNCTION entradas_caixa_as_of(timestamptz)
RETURNS TABLE (empreendimento_id bigint, ref_month text, category text, empreendimento_nome text,
               forecast numeric(18, 2), actual numeric(18, 2), run_id text, synced_at timestamptz,
               as_of date)
LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
    SELECT c.owner, c.ref_month, c.category, e.nome, round(c.v0 / 100.0, 2), round(c.v1 / 100.0, 2),
           c.run_id, c.at, c.as_of
    FROM sync_cells_as_of('entradas_caixa', $1) c JOIN empreendimentos e ON e.id = c.owner
$$;

CREATE FUNCTION delinquency_as_of(timestamptz)
RETURNS TABLE (empreendimento_id bigint, ref_month text, empreendimento_nome text,
               up_to_30 numeric(18, 2), days_30_60 numeric(18, 2), days_60_90 numeric(18, 2),
               days_90_180 numeric(18, 2), above_180 numeric(18, 2), total numeric(18, 2), run_id text,
               synced_at timestamptz, as_of date)
LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
    SELECT c.owner, c.ref_month, e.nome, round(c.v0 / 100.0, 2), round(c.v1 / 100.0, 2),
           round(c.v2 / 100.0, 2), round(c.v3 / 100.0, 2), round(c.v4 / 100.0, 2),
           round(c.v5 / 100.0, 2), c.run_id, c.at, c.as_of
    FROM sync_cells_as_of('delinquency', $1) c JOIN empreendimentos e ON e.id = c.owner
$$;

CREATE FUNCTION estatisticas_portfolio_as_of(timestamptz)
RETURNS TABLE (empreendimento_id bigint, ref_month text, empreendimento_nome text, vp numeric(18, 2),
               ltv numeric(18, 2), prazo_medio numeric(12, 1), duration numeric(12, 2),
               total_contracts bigint, active_contracts bigint, run_id text, synced_at timestamptz,
               as_of date)
LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
    SELECT c.owner, c.ref_month, e.nome, round(c.v0 / 100.0, 2), round(c.v1 / 100.0, 2),
           round(c.v2 / 10.0, 1), round(c.v3 / 100.0, 2), c.v4, c.v5, c.run_id, c.at, c.as_of
    FROM sync_cells_as_of('estatisticas_portfolio', $1) c JOIN empreendimentos e ON e.id = c.owner
$$;

CREATE FUNCTION saidas_caixa_as_of(timestamptz)
RETURNS TABLE (filial_id bigint, mes_referencia text, categoria text, filial_nome text,
               orcamento numeric(18, 2), realizado numeric(18, 2), run_id text, synced_at timestamptz,
               as_of date)
LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
    SELECT c.owner, c.ref_month, c.category, f.nome, round(c.v0 / 100.0, 2), round(c.v1 / 100.0, 2),
           c.run_id, c.at, c.as_of
    FROM sync_cells_as_of('saidas_caixa', $1) c JOIN filiais f ON f.id = c.owner
$$;
