-- Every change of a published cell: rows are only ever added, and removed when they are past what is kept.
-- A cell that did not change adds none.

CREATE TABLE sync_cells (
    -- The table that publishes the cell.
    kind       TEXT NOT NULL,
    -- Code of the empreendimento; of saidas_caixa, of the filial.
    owner      INTEGER NOT NULL,
    ref_month  TEXT NOT NULL,
    -- Empty where the table has none.
    category   TEXT NOT NULL,
    -- When it became so.
    at         TEXT NOT NULL,
    run_id     TEXT NOT NULL,
    -- Of the attempt; null where no attempt wrote it.
    generation INTEGER,
    -- Of the run.
    as_of      TEXT,
    -- The table's columns of figures in its order, without their decimal point. All null: the cell
    -- disappeared.
    v0         INTEGER,
    v1         INTEGER,
    v2         INTEGER,
    v3         INTEGER,
    v4         INTEGER,
    v5         INTEGER,
    -- The same before, so that what changed in a time is read from its rows alone. All null: the cell
    -- appeared.
    p0         INTEGER,
    p1         INTEGER,
    p2         INTEGER,
    p3         INTEGER,
    p4         INTEGER,
    p5         INTEGER,
    PRIMARY KEY (kind, owner, ref_month, category, at)
) WITHOUT ROWID;
-- What changed since a time, of all months or of one.
CREATE INDEX sync_cells_at ON sync_cells (at);
CREATE INDEX sync_cells_month ON sync_cells (ref_month, at);

-- What stands in the tables is the first that is known of each cell.
INSERT INTO sync_cells (kind, owner, ref_month, category, at, run_id, generation, as_of,
                        v0, v1, v2, v3, v4, v5)
SELECT 'entradas_caixa', t.empreendimento_id, t.ref_month, t.category,
       t.synced_at, t.run_id, a.generation, r.as_of,
       t.forecast, t.actual, NULL, NULL, NULL, NULL
FROM entradas_caixa_centavos t
LEFT JOIN sync_attempts a
    ON a.target = CAST(t.empreendimento_id AS TEXT) AND a.run_id = t.run_id AND a.outcome = 'done'
LEFT JOIN sync_runs r ON r.id = t.run_id;

INSERT INTO sync_cells (kind, owner, ref_month, category, at, run_id, generation, as_of,
                        v0, v1, v2, v3, v4, v5)
SELECT 'delinquency', t.empreendimento_id, t.ref_month, '',
       t.synced_at, t.run_id, a.generation, r.as_of,
       t.up_to_30, t.days_30_60, t.days_60_90, t.days_90_180, t.above_180, t.total
FROM delinquency_centavos t
LEFT JOIN sync_attempts a
    ON a.target = CAST(t.empreendimento_id AS TEXT) AND a.run_id = t.run_id AND a.outcome = 'done'
LEFT JOIN sync_runs r ON r.id = t.run_id;

INSERT INTO sync_cells (kind, owner, ref_month, category, at, run_id, generation, as_of,
                        v0, v1, v2, v3, v4, v5)
SELECT 'estatisticas_portfolio', t.empreendimento_id, t.ref_month, '',
       t.synced_at, t.run_id, a.generation, r.as_of,
       t.vp, t.ltv, t.prazo_medio, t.duration, t.total_contracts, t.active_contracts
FROM estatisticas_portfolio_centavos t
LEFT JOIN sync_attempts a
    ON a.target = CAST(t.empreendimento_id AS TEXT) AND a.run_id = t.run_id AND a.outcome = 'done'
LEFT JOIN sync_runs r ON r.id = t.run_id;

INSERT INTO sync_cells (kind, owner, ref_month, category, at, run_id, generation, as_of,
                        v0, v1, v2, v3, v4, v5)
SELECT 'saidas_caixa', t.filial_id, t.mes_referencia, t.categoria,
       t.synced_at, t.run_id, a.generation, r.as_of,
       t.orcamento, t.realizado, NULL, NULL, NULL, NULL
FROM saidas_caixa_centavos t
LEFT JOIN sync_attempts a
    ON a.target = 'saidas-caixa' AND a.run_id = t.run_id AND a.outcome = 'done'
LEFT JOIN sync_runs r ON r.id = t.run_id;
