-- What was checked before a commit, what a contrato had at the last one, and which view of the ERP
-- wrote what stands in the tables.

CREATE TABLE sync_checks (
    run_id     TEXT NOT NULL REFERENCES sync_runs (id) ON DELETE CASCADE,
    -- 'catalogue', with generation 0, for the plan of the run.
    target     TEXT NOT NULL,
    generation INTEGER NOT NULL,
    seq        INTEGER NOT NULL,
    name       TEXT NOT NULL,
    -- fails: one that does not hold fails the job; noted: it never does.
    severity   TEXT NOT NULL,
    -- passed, noted, accepted, failed
    verdict    TEXT NOT NULL,
    expected   TEXT NOT NULL,
    observed   TEXT NOT NULL,
    -- What of it does not hold, all of it: an acceptance covers nothing else.
    subjects   TEXT NOT NULL,
    -- Codes of records, 20 at most.
    samples    TEXT NOT NULL,
    PRIMARY KEY (run_id, target, generation, name)
);

-- Replaced with each commit of the latest view. Amounts are exact decimals as text, as in the
-- manifests.
CREATE TABLE sync_contratos (
    target     TEXT NOT NULL,
    contrato   INTEGER NOT NULL,
    -- Of the commit; compared with only while that is the target's last.
    generation INTEGER NOT NULL,
    parcelas   INTEGER NOT NULL,
    forecast   TEXT NOT NULL,
    vp         TEXT NOT NULL,
    PRIMARY KEY (target, contrato)
);

-- Which run's view wrote a month of an empreendimento, or a due day of the payables, also where
-- nothing is left of it in the tables.
CREATE TABLE sync_coverage (
    target         TEXT NOT NULL,
    -- Of payables: the filial, 0 for all. Of empreendimentos always 0.
    filial_id      INTEGER NOT NULL DEFAULT 0,
    -- YYYY-MM, for payables YYYY-MM-DD.
    period         TEXT NOT NULL,
    as_of          TEXT NOT NULL,
    run_created_at TEXT NOT NULL,
    run_id         TEXT NOT NULL,
    committed_at   TEXT NOT NULL,
    PRIMARY KEY (target, filial_id, period)
);

-- What earlier versions wrote is known from the rows themselves.
INSERT INTO sync_coverage (target, period, as_of, run_created_at, run_id, committed_at)
SELECT target, period, as_of, created_at, run_id, synced_at
FROM (
    SELECT CAST(t.empreendimento_id AS TEXT) AS target, t.ref_month AS period, r.as_of,
           r.created_at, r.id AS run_id, t.synced_at,
           ROW_NUMBER() OVER (PARTITION BY t.empreendimento_id, t.ref_month
                              ORDER BY r.as_of DESC, r.created_at DESC, t.synced_at DESC) AS place
    FROM entradas_caixa_centavos t JOIN sync_runs r ON r.id = t.run_id
    UNION ALL
    SELECT 'saidas-caixa', t.data_vencimento, r.as_of, r.created_at, r.id, t.synced_at,
           ROW_NUMBER() OVER (PARTITION BY t.data_vencimento
                              ORDER BY r.as_of DESC, r.created_at DESC, t.synced_at DESC)
    FROM faturas_pagar_centavos t JOIN sync_runs r ON r.id = t.run_id
)
WHERE place = 1;

-- It may overwrite what a later view has written.
ALTER TABLE sync_runs ADD COLUMN replace_newer BOOLEAN NOT NULL DEFAULT FALSE;
-- user@host, as the machine it was asked on says.
ALTER TABLE sync_runs ADD COLUMN requested_by TEXT;

-- Failed checks that a person accepted, by name, each with its subjects.
ALTER TABLE sync_jobs ADD COLUMN accepted TEXT;
ALTER TABLE sync_requeues ADD COLUMN accepted TEXT;

-- Since when the ERP's catalogue has no such empreendimento; null while it has.
ALTER TABLE sync_targets ADD COLUMN unlisted_since TEXT;
