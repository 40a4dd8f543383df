-- What dashboards read. SQLite has no exact decimals: amounts are whole centavos in tables named
-- *_centavos, and views carry the names and columns dashboards know. Dates are ISO text; months
-- are text YYYY-MM. run_id and synced_at say which run wrote a row, and when it last changed.

CREATE TABLE filiais (
    id        INTEGER PRIMARY KEY,
    nome      TEXT NOT NULL,
    fantasia  TEXT,
    cnpj      TEXT,
    is_active BOOLEAN NOT NULL DEFAULT FALSE,
    run_id    TEXT NOT NULL,
    synced_at TEXT NOT NULL
);

CREATE TABLE empreendimentos (
    id                     INTEGER PRIMARY KEY,
    nome                   TEXT NOT NULL,
    filial_id              INTEGER NOT NULL REFERENCES filiais (id),
    centro_custo_id        INTEGER,
    is_active              BOOLEAN NOT NULL DEFAULT FALSE,
    last_synced_at         TEXT,
    last_financial_sync_at TEXT,
    run_id                 TEXT NOT NULL,
    synced_at              TEXT NOT NULL
);
CREATE INDEX empreendimentos_filial ON empreendimentos (filial_id);

CREATE TABLE contratos_centavos (
    id                    INTEGER PRIMARY KEY,
    empreendimento_id     INTEGER NOT NULL REFERENCES empreendimentos (id),
    status                TEXT NOT NULL,
    valor_contrato        INTEGER NOT NULL,
    valor_atualizado_ipca INTEGER,
    data_assinatura       TEXT,
    run_id                TEXT NOT NULL,
    synced_at             TEXT NOT NULL
) STRICT;
CREATE INDEX contratos_empreendimento ON contratos_centavos (empreendimento_id);

CREATE VIEW contratos AS
SELECT id, empreendimento_id, status,
       valor_contrato / 100.0 AS valor_contrato,
       valor_atualizado_ipca / 100.0 AS valor_atualizado_ipca,
       data_assinatura, run_id, synced_at
FROM contratos_centavos;

CREATE TABLE entradas_caixa_centavos (
    empreendimento_id   INTEGER NOT NULL REFERENCES empreendimentos (id),
    ref_month           TEXT NOT NULL,
    category            TEXT NOT NULL,
    empreendimento_nome TEXT NOT NULL,
    forecast            INTEGER NOT NULL,
    actual              INTEGER NOT NULL,
    details             TEXT NOT NULL,
    run_id              TEXT NOT NULL,
    synced_at           TEXT NOT NULL,
    PRIMARY KEY (empreendimento_id, ref_month, category)
) STRICT;

CREATE VIEW entradas_caixa AS
SELECT empreendimento_id, ref_month, category, empreendimento_nome,
       forecast / 100.0 AS forecast,
       actual / 100.0 AS actual,
       details, run_id, synced_at
FROM entradas_caixa_centavos;

CREATE TABLE delinquency_centavos (
    empreendimento_id   INTEGER NOT NULL REFERENCES empreendimentos (id),
    ref_month           TEXT NOT NULL,
    empreendimento_nome TEXT NOT NULL,
    up_to_30            INTEGER NOT NULL,
    days_30_60          INTEGER NOT NULL,
    days_60_90          INTEGER NOT NULL,
    days_90_180         INTEGER NOT NULL,
    above_180           INTEGER NOT NULL,
    total               INTEGER NOT NULL,
    details             TEXT NOT NULL,
    run_id              TEXT NOT NULL,
    synced_at           TEXT NOT NULL,
    PRIMARY KEY (empreendimento_id, ref_month)
) STRICT;

CREATE VIEW delinquency AS
SELECT empreendimento_id, ref_month, empreendimento_nome,
       up_to_30 / 100.0 AS up_to_30,
       days_30_60 / 100.0 AS days_30_60,
       days_60_90 / 100.0 AS days_60_90,
       days_90_180 / 100.0 AS days_90_180,
       above_180 / 100.0 AS above_180,
       total / 100.0 AS total,
       details, run_id, synced_at
FROM delinquency_centavos;

CREATE VIEW inadimplencia AS SELECT * FROM delinquency;

-- ltv and duration in hundredths, prazo_medio in tenths, as the views' divisors say.
CREATE TABLE estatisticas_portfolio_centavos (
    empreendimento_id   INTEGER NOT NULL REFERENCES empreendimentos (id),
    ref_month           TEXT NOT NULL,
    empreendimento_nome TEXT NOT NULL,
    vp                  INTEGER NOT NULL,
    ltv                 INTEGER NOT NULL,
    prazo_medio         INTEGER NOT NULL,
    duration            INTEGER NOT NULL,
    total_contracts     INTEGER NOT NULL,
    active_contracts    INTEGER NOT NULL,
    details             TEXT NOT NULL,
    run_id              TEXT NOT NULL,
    synced_at           TEXT NOT NULL,
    PRIMARY KEY (empreendimento_id, ref_month)
) STRICT;

CREATE VIEW estatisticas_portfolio AS
SELECT empreendimento_id, ref_month, empreendimento_nome,
       vp / 100.0 AS vp,
       ltv / 100.0 AS ltv,
       prazo_medio / 10.0 AS prazo_medio,
       duration / 100.0 AS duration,
       total_contracts, active_contracts, details, run_id, synced_at
FROM estatisticas_portfolio_centavos;

CREATE TABLE faturas_pagar_centavos (
    filial_id        INTEGER NOT NULL REFERENCES filiais (id),
    numero_ap        TEXT NOT NULL,
    numero_parcela   TEXT NOT NULL,
    agente_codigo    INTEGER NOT NULL,
    tipo_documento   TEXT NOT NULL,
    numero_documento TEXT NOT NULL,
    data_vencimento  TEXT NOT NULL,
    valor_parcela    INTEGER NOT NULL,
    saldo_atual      INTEGER NOT NULL,
    data_prorrogado  TEXT,
    data_baixa       TEXT,
    run_id           TEXT NOT NULL,
    synced_at        TEXT NOT NULL,
    PRIMARY KEY (filial_id, numero_ap, numero_parcela, agente_codigo, tipo_documento,
                 numero_documento, data_vencimento, valor_parcela)
) STRICT;
-- The set due in a run's window is compared and replaced.
CREATE INDEX faturas_pagar_vencimento ON faturas_pagar_centavos (data_vencimento);

CREATE VIEW faturas_pagar AS
SELECT filial_id, numero_ap, numero_parcela, agente_codigo, tipo_documento, numero_documento,
       data_vencimento,
       valor_parcela / 100.0 AS valor_parcela,
       saldo_atual / 100.0 AS saldo_atual,
       data_prorrogado, data_baixa, run_id, synced_at
FROM faturas_pagar_centavos;

CREATE TABLE saidas_caixa_centavos (
    filial_id      INTEGER NOT NULL REFERENCES filiais (id),
    mes_referencia TEXT NOT NULL,
    categoria      TEXT NOT NULL,
    filial_nome    TEXT NOT NULL,
    orcamento      INTEGER NOT NULL,
    realizado      INTEGER NOT NULL,
    detalhes       TEXT NOT NULL,
    run_id         TEXT NOT NULL,
    synced_at      TEXT NOT NULL,
    PRIMARY KEY (filial_id, mes_referencia, categoria)
) STRICT;

CREATE VIEW saidas_caixa AS
SELECT filial_id, mes_referencia, categoria, filial_nome,
       orcamento / 100.0 AS orcamento,
       realizado / 100.0 AS realizado,
       detalhes, run_id, synced_at
FROM saidas_caixa_centavos;

-- What saidas_caixa_centavos must equal: each fatura counts in the month it is due (orcamento),
-- and what was paid of it in the month it was settled, or due while nobody knows (realizado).
CREATE VIEW saidas_caixa_das_faturas AS
SELECT parte.filial_id,
       parte.mes_referencia,
       parte.categoria,
       filiais.nome AS filial_nome,
       SUM(parte.orcamento) AS orcamento,
       SUM(parte.realizado) AS realizado,
       json_object('faturas', SUM(parte.prevista), 'pagamentos', SUM(parte.paga)) AS detalhes
FROM (
    SELECT filial_id,
           substr(data_vencimento, 1, 7) AS mes_referencia,
           COALESCE(NULLIF(tipo_documento, ''), 'OUTROS') AS categoria,
           valor_parcela AS orcamento, 0 AS realizado, 1 AS prevista, 0 AS paga
    FROM faturas_pagar_centavos
    UNION ALL
    SELECT filial_id,
           substr(COALESCE(data_baixa, data_vencimento), 1, 7),
           COALESCE(NULLIF(tipo_documento, ''), 'OUTROS'),
           0, valor_parcela - saldo_atual, 0, 1
    FROM faturas_pagar_centavos
    WHERE valor_parcela > saldo_atual
) AS parte
JOIN filiais ON filiais.id = parte.filial_id
GROUP BY parte.filial_id, parte.mes_referencia, parte.categoria, filiais.nome;

-- Monthly IPCA in per cent, loaded by hand; without it nothing is corrected. Text keeps it exact.
CREATE TABLE ipca_mensal (
    ref_month  TEXT PRIMARY KEY CHECK (ref_month GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]'),
    percentual TEXT NOT NULL
);
