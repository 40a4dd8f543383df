-- What dashboards read. Names are the ones they already use: keep them.
-- Identifiers are the ERP's own codes; months are text YYYY-MM; amounts are exact.
-- run_id and synced_at say which run wrote a row, and when it last changed.

CREATE TABLE filiais (
    id        bigint PRIMARY KEY,
    nome      text NOT NULL,
    fantasia  text,
    cnpj      text,
    is_active boolean NOT NULL DEFAULT false,
    run_id    text NOT NULL,
    synced_at timestamptz NOT NULL
);

CREATE TABLE empreendimentos (
    id                     bigint PRIMARY KEY,
    nome                   text NOT NULL,
    filial_id              bigint NOT NULL REFERENCES filiais (id),
    centro_custo_id        bigint,
    is_active              boolean NOT NULL DEFAULT false,
    last_synced_at         timestamptz,
    last_financial_sync_at timestamptz,
    run_id                 text NOT NULL,
    synced_at              timestamptz NOT NULL
);
CREATE INDEX empreendimentos_filial ON empreendimentos (filial_id);

CREATE TABLE contratos (
    id                    bigint PRIMARY KEY,
    empreendimento_id     bigint NOT NULL REFERENCES empreendimentos (id),
    status                text NOT NULL,
    valor_contrato        numeric(18, 2) NOT NULL,
    valor_atualizado_ipca numeric(18, 2),
    data_assinatura       date,
    run_id                text NOT NULL,
    synced_at             timestamptz NOT NULL
);
CREATE INDEX contratos_empreendimento ON contratos (empreendimento_id);

CREATE TABLE entradas_caixa (
    empreendimento_id   bigint NOT NULL REFERENCES empreendimentos (id),
    ref_month           text NOT NULL,
    category            text NOT NULL,
    empreendimento_nome text NOT NULL,
    forecast            numeric(18, 2) NOT NULL,
    actual              numeric(18, 2) NOT NULL,
    details             jsonb NOT NULL,
    run_id              text NOT NULL,
    synced_at           timestamptz NOT NULL,
    PRIMARY KEY (empreendimento_id, ref_month, category)
);

CREATE TABLE delinquency (
    empreendimento_id   bigint NOT NULL REFERENCES empreendimentos (id),
    ref_month           text NOT NULL,
    empreendimento_nome text NOT NULL,
    up_to_30            numeric(18, 2) NOT NULL,
    days_30_60          numeric(18, 2) NOT NULL,
    days_60_90          numeric(18, 2) NOT NULL,
    days_90_180         numeric(18, 2) NOT NULL,
    above_180           numeric(18, 2) NOT NULL,
    total               numeric(18, 2) NOT NULL,
    details             jsonb NOT NULL,
    run_id              text NOT NULL,
    synced_at           timestamptz NOT NULL,
    PRIMARY KEY (empreendimento_id, ref_month)
);

CREATE VIEW inadimplencia AS SELECT * FROM delinquency;

CREATE TABLE estatisticas_portfolio (
    empreendimento_id   bigint NOT NULL REFERENCES empreendimentos (id),
    ref_month           text NOT NULL,
    empreendimento_nome text NOT NULL,
    vp                  numeric(18, 2) NOT NULL,
    ltv                 numeric(18, 2) NOT NULL,
    prazo_medio         numeric(12, 1) NOT NULL,
    duration            numeric(12, 2) NOT NULL,
    total_contracts     bigint NOT NULL,
    active_contracts    bigint NOT NULL,
    details             jsonb NOT NULL,
    run_id              text NOT NULL,
    synced_at           timestamptz NOT NULL,
    PRIMARY KEY (empreendimento_id, ref_month)
);

CREATE TABLE faturas_pagar (
    filial_id        bigint NOT NULL REFERENCES filiais (id),
    numero_ap        text NOT NULL,
    numero_parcela   text NOT NULL,
    agente_codigo    bigint NOT NULL,
    tipo_documento   text NOT NULL,
    numero_documento text NOT NULL,
    data_vencimento  date NOT NULL,
    valor_parcela    numeric(18, 2) NOT NULL,
    saldo_atual      numeric(18, 2) NOT NULL,
    data_prorrogado  date,
    data_baixa       date,
    run_id           text NOT NULL,
    synced_at        timestamptz NOT NULL,
    PRIMARY KEY (filial_id, numero_ap, numero_parcela, agente_codigo, tipo_documento,
                 numero_documento, data_vencimento, valor_parcela)
);
-- The set due in a run's window is compared and replaced.
CREATE INDEX faturas_pagar_vencimento ON faturas_pagar (data_vencimento);

CREATE TABLE saidas_caixa (
    filial_id      bigint NOT NULL REFERENCES filiais (id),
    mes_referencia text NOT NULL,
    categoria      text NOT NULL,
    filial_nome    text NOT NULL,
    orcamento      numeric(18, 2) NOT NULL,
    realizado      numeric(18, 2) NOT NULL,
    detalhes       jsonb NOT NULL,
    run_id         text NOT NULL,
    synced_at      timestamptz NOT NULL,
    PRIMARY KEY (filial_id, mes_referencia, categoria)
);

-- What saidas_caixa must equal: each fatura counts in the month it is due (orcamento), and what
-- was paid of it in the month it was settled, or due while nobody knows (realizado).
CREATE VIEW saidas_caixa_das_faturas AS
SELECT parte.filial_id,
       parte.mes_referencia,
       parte.categoria,
       filiais.nome AS filial_nome,
       SUM(parte.orcamento) AS orcamento,
       SUM(parte.realizado) AS realizado,
       jsonb_build_object('faturas', SUM(parte.prevista), 'pagamentos', SUM(parte.paga)) AS detalhes
FROM (
    SELECT filial_id,
           to_char(data_vencimento, 'YYYY-MM') AS mes_referencia,
           COALESCE(NULLIF(tipo_documento, ''), 'OUTROS') AS categoria,
           valor_parcela AS orcamento, 0 AS realizado, 1 AS prevista, 0 AS paga
    FROM faturas_pagar
    UNION ALL
    SELECT filial_id,
           to_char(COALESCE(data_baixa, data_vencimento), 'YYYY-MM'),
           COALESCE(NULLIF(tipo_documento, ''), 'OUTROS'),
           0, valor_parcela - saldo_atual, 0, 1
    FROM faturas_pagar
    WHERE valor_parcela > saldo_atual
) AS parte
JOIN filiais ON filiais.id = parte.filial_id
GROUP BY parte.filial_id, parte.mes_referencia, parte.categoria, filiais.nome;

-- Monthly IPCA in per cent, loaded by hand; without it nothing is corrected.
CREATE TABLE ipca_mensal (
    ref_month  text PRIMARY KEY CHECK (ref_month ~ '^\d{4}-(0[1-9]|1[0-2])$'),
    percentual numeric(12, 6) NOT NULL
);
