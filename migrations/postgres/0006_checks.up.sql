-- What was checked before a commit, what a contrato had at the last one, and which view of the ERP
-- wrote what stands in the tables.

CREATE TABLE sync_checks (
    run_id     text NOT NULL REFERENCES sync_runs (id) ON DELETE CASCADE,
    -- 'catalogue', with generation 0, for the plan of the run.
    target     text NOT NULL,
    generation bigint NOT NULL,
    seq        bigint NOT NULL,
    name       text NOT NULL,
    -- fails: one that does not hold fails the job; noted: it never does.
    severity   text NOT NULL,
    -- passed, noted, accepted, failed
    verdict    text NOT NULL,
    expected   text NOT NULL,
    observed   text NOT NULL,
    -- What of it does not hold, all of it: an acceptance covers nothing else.
    subjects   jsonb NOT NULL,
    -- Codes of records, 20 at most.
    samples    jsonb NOT NULL,
    PRIMARY KEY (run_id, target, generation, name)
);

-- Replaced with each commit of the latest view. Amounts are exact decimals as text, as in the
-- manifests.
CREATE TABLE sync_contratos (
    target     text NOT NULL,
    contrato   bigint NOT NULL,
    -- Of the commit; compared with only while that is the target's last.
    generation bigint NOT NULL,
    parcelas   bigint NOT NULL,
    forecast   text NOT NULL,
    vp         text NOT NULL,
    PRIMARY KEY (target, contrato)
);

-- Which run's view wrote a month of an empreendimento, or a due day of the payables, also where
-- nothing is left of it in the tables.
CREATE TABLE sync_coverage (
    target         text NOT NULL,
    -- Of payables: the filial, 0 for all. Of empreendimentos always 0.
    filial_id      bigint NOT NULL DEFAULT 0,
    -- YYYY-MM, for payables YYYY-MM-DD.
    period         text NOT NULL,
    as_of          date NOT NULL,
    run_created_at timestamptz NOT NULL,
    run_id         text NOT NULL,
    committed_at   timestamptz NOT NULL,
    PRIMARY KEY (target, filial_id, period)
);

-- What earlier versions wrote is known from the rows themselves.
INSERT INTO sync_coverage (target, period, as_of, run_created_at, run_id, committed_at)
SELECT DISTINCT ON (t.empreendimento_id, t.ref_month)
       t.empreendimento_id::text, t.ref_month, r.as_of, r.created_at, r.id, t.synced_at
FROM entradas_caixa t JOIN sync_runs r ON r.id = t.run_id
ORDER BY t.empreendimento_id, t.ref_month, r.as_of DESC, r.created_at DESC, t.synced_at DESC;

INSERT INTO sync_coverage (target, period, as_of, run_created_at, run_id, committed_at)
SELECT DISTINCT ON (t.data_vencimento)
       'saidas-caixa', t.data_vencimento::text, r.as_of, r.created_at, r.id, t.synced_at
FROM faturas_pagar t JOIN sync_runs r ON r.id = t.run_id
ORDER BY t.data_vencimento, r.as_of DESC, r.created_at DESC, t.synced_at DESC;

ALTER TABLE sync_runs
    -- It may overwrite what a later view has written.
    ADD COLUMN replace_newer boolean NOT NULL DEFAULT false,
    -- user@host, as the machine it was asked on says.
    ADD COLUMN requested_by text;

-- Failed checks that a person accepted, by name, each with its subjects.
ALTER TABLE sync_jobs ADD COLUMN accepted jsonb;
ALTER TABLE sync_requeues ADD COLUMN accepted jsonb;

-- Since when the ERP's catalogue has no such empreendimento; null while it has.
ALTER TABLE sync_targets ADD COLUMN unlisted_since timestamptz;
