-- The tables of the replaced system in the schema of the search path, with what the contract's statements
-- are tried on. TIMESTAMP stands for the type of its timestamps.
CREATE TABLE filiais (
    id serial PRIMARY KEY, external_id integer NOT NULL, nome varchar(255) NOT NULL,
    fantasia varchar(255), cnpj varchar(20), is_active boolean NOT NULL DEFAULT true,
    origem varchar(20) NOT NULL, criado_em TIMESTAMP NOT NULL DEFAULT now(), atualizado_em TIMESTAMP,
    UNIQUE (external_id, origem));
CREATE TABLE empreendimentos (
    id serial PRIMARY KEY, external_id integer NOT NULL, name varchar(255) NOT NULL,
    filial_id integer REFERENCES filiais (id), centro_custo_id integer,
    is_active boolean NOT NULL DEFAULT true, raw_data json, origem varchar(20) NOT NULL,
    created_at TIMESTAMP NOT NULL DEFAULT now(), updated_at TIMESTAMP, last_synced_at TIMESTAMP,
    last_financial_sync_at TIMESTAMP, UNIQUE (external_id, origem));
CREATE TABLE contratos (
    id serial PRIMARY KEY, origem varchar(20) NOT NULL, cod_contrato integer NOT NULL,
    empreendimento_id integer NOT NULL REFERENCES empreendimentos (id), status varchar(50),
    valor_contrato numeric(15, 2), valor_atualizado_ipca numeric(15, 2), data_assinatura date,
    last_synced_at TIMESTAMP, obra varchar(50), cliente_cpf varchar(20), cliente_codigo integer,
    UNIQUE (cod_contrato, empreendimento_id, obra, origem));
CREATE TABLE entradas_caixa (
    id serial PRIMARY KEY, empreendimento_id integer NOT NULL REFERENCES empreendimentos (id),
    empreendimento_nome varchar(200) NOT NULL, ref_month varchar(7) NOT NULL,
    category varchar(100) NOT NULL, forecast double precision NOT NULL,
    actual double precision NOT NULL, details json, origem varchar(20) NOT NULL,
    created_at TIMESTAMP NOT NULL DEFAULT now(),
    UNIQUE (empreendimento_id, ref_month, category, origem));
CREATE TABLE saidas_caixa (
    id serial PRIMARY KEY, filial_id integer NOT NULL REFERENCES filiais (id),
    filial_nome varchar(200) NOT NULL, mes_referencia varchar(7) NOT NULL,
    categoria varchar(100) NOT NULL, orcamento double precision NOT NULL,
    realizado double precision NOT NULL, detalhes json, origem varchar(20) NOT NULL,
    criado_em TIMESTAMP NOT NULL DEFAULT now(),
    UNIQUE (filial_id, mes_referencia, categoria, origem));
CREATE TABLE estatisticas_portfolio (
    id serial PRIMARY KEY, empreendimento_id integer NOT NULL REFERENCES empreendimentos (id),
    empreendimento_nome varchar(200) NOT NULL, ref_month varchar(7) NOT NULL,
    vp double precision NOT NULL, ltv double precision NOT NULL,
    prazo_medio double precision NOT NULL, duration double precision NOT NULL,
    total_contracts integer NOT NULL, active_contracts integer NOT NULL, details json,
    origem varchar(20) NOT NULL, created_at TIMESTAMP NOT NULL DEFAULT now(),
    UNIQUE (empreendimento_id, ref_month, origem));
CREATE TABLE inadimplencia (
    id serial PRIMARY KEY, empreendimento_id integer NOT NULL REFERENCES empreendimentos (id),
    empreendimento_nome varchar(200) NOT NULL, ref_month varchar(10) NOT NULL,
    up_to_30 double precision NOT NULL, days_30_60 double precision NOT NULL,
    days_60_90 double precision NOT NULL, days_90_180 double precision NOT NULL,
    above_180 double precision NOT NULL, total double precision NOT NULL, details json,
    origem varchar(20) NOT NULL, created_at TIMESTAMP NOT NULL DEFAULT now(),
    UNIQUE (empreendimento_id, ref_month, origem));
CREATE TABLE faturas_pagar (
    id serial PRIMARY KEY, origem varchar(10) NOT NULL, filial_id integer NOT NULL,
    filial_nome varchar(255) NOT NULL, numero_ap varchar(100) NOT NULL,
    numero_parcela varchar(50) NOT NULL, tipo_documento varchar(100) NOT NULL,
    numero_documento varchar(100), valor_parcela numeric(15, 2) NOT NULL,
    saldo_atual numeric(15, 2) NOT NULL, data_vencimento date NOT NULL, data_baixa date,
    agente_codigo integer, agente_nome varchar(255), dados_brutos json,
    criado_em TIMESTAMP NOT NULL DEFAULT now(), atualizado_em TIMESTAMP NOT NULL DEFAULT now(),
    UNIQUE (origem, filial_id, numero_ap, numero_parcela));
CREATE TABLE runs (
    id serial PRIMARY KEY, exec_date varchar(10) NOT NULL, source varchar(20) NOT NULL,
    status varchar(20) NOT NULL, started_at TIMESTAMP NOT NULL DEFAULT now(), finished_at TIMESTAMP,
    error text, metrics json, triggered_by_user_id integer);

INSERT INTO filiais (id, external_id, nome, origem) VALUES
    (7, 100, 'Filial antiga', 'mega'),
    (1000100, 100, 'UAU filial 100', 'uau'),
    (1010001, 2, 'UAU filial 2', 'uau');
INSERT INTO empreendimentos (id, external_id, name, filial_id, origem, is_active) VALUES
    (3001, 1400, 'Nome antigo', 7, 'mega', false),
    (30779, 2, 'UAU 2', 1010001, 'uau', true),
    (30780, 1400, 'UAU 1400', 1000100, 'uau', true);
INSERT INTO contratos (id, origem, cod_contrato, empreendimento_id, obra) VALUES
    (1, 'uau', 11001, 30779, 'OB1'), (2, 'mega', 7777, 3001, NULL);
INSERT INTO entradas_caixa (id, empreendimento_id, empreendimento_nome, ref_month, category, forecast, actual, origem) VALUES
    (1, 30779, 'UAU 2', '2026-09', 'ativos', 100, 50, 'uau'),
    (2, 30779, 'UAU 2', '2026-10', 'ativos', 200, 150.25, 'uau'),
    (3, 3001, 'Nome antigo', '2026-10', 'ativos', 7777, 7777, 'mega');
INSERT INTO saidas_caixa (id, filial_id, filial_nome, mes_referencia, categoria, orcamento, realizado, origem) VALUES
    (1, 1010001, 'UAU filial 2', '2026-09', 'C0023', 30, 20, 'uau'),
    (2, 1010001, 'UAU filial 2', '2026-10', 'C0023', 40, 35.5, 'uau'),
    (3, 7, 'Filial 7', '2026-10', 'NF', 7777, 7777, 'mega');
INSERT INTO estatisticas_portfolio (id, empreendimento_id, empreendimento_nome, ref_month, vp, ltv, prazo_medio, duration, total_contracts, active_contracts, origem) VALUES
    (1, 30779, 'UAU 2', '2026-08', 1000, 0, 0, 0, 0, 0, 'uau'),
    (2, 3001, 'Nome antigo', '2026-10', 7777, 0, 0, 0, 7777, 7777, 'mega');
INSERT INTO inadimplencia (id, empreendimento_id, empreendimento_nome, ref_month, up_to_30, days_30_60, days_60_90, days_90_180, above_180, total, details, origem) VALUES
    (1, 30779, 'UAU 2', '2026-10', 1, 2, 3, 4, 5, 15,
     '{"quantities": {"up_to_30": 1, "days_30_60": 1, "days_60_90": 1, "days_90_180": 1, "above_180": 1}}', 'uau'),
    (2, 3001, 'Nome antigo', '2026-10', 7777, 0, 0, 0, 0, 7777, NULL, 'mega');
INSERT INTO faturas_pagar (id, origem, filial_id, filial_nome, numero_ap, numero_parcela, tipo_documento, valor_parcela, saldo_atual, data_vencimento) VALUES
    (1, 'mega', 100, 'Filial antiga', '7777', '1', 'NF', 7777, 0, '2026-10-10');
INSERT INTO runs (id, exec_date, source, status, started_at) VALUES
    (1, '2026-11-20', 'mega', 'success', now() - interval '1 day'),
    (2, '2026-11-20', 'uau', 'failed', now() - interval '1 day');
SELECT setval(pg_get_serial_sequence(t, 'id'), 2000000) FROM unnest(ARRAY[
    'filiais', 'empreendimentos', 'contratos', 'entradas_caixa', 'saidas_caixa',
    'estatisticas_portfolio', 'inadimplencia', 'faturas_pagar', 'runs']) AS t;
