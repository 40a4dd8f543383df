-- C1: 9 rows; 1400 (mega) has id 3001 and is active, 1403 has 1000001403 and filial_id 1500000107, 1412 is missing (inactive)
SELECT id, external_id, name, filial_id, centro_custo_id, is_active, raw_data, origem, created_at, updated_at, last_synced_at, last_financial_sync_at FROM empreendimentos WHERE is_active = true ORDER BY name;
-- C2: 2 rows, ids 7 (name from our table, not the old one) and 1500000107; 9999 is missing (inactive)
SELECT id, external_id, nome, fantasia, cnpj, is_active, origem, criado_em, atualizado_em FROM filiais WHERE is_active = true AND origem = 'mega' ORDER BY nome;
-- C3: 4 rows: 7, 1500000107 with a time; 1000100, 1010001 null
SELECT filial_id, max(last_financial_sync_at) AS last_financial_sync_at FROM empreendimentos WHERE filial_id IS NOT NULL AND is_active = true GROUP BY filial_id;
-- C4: antecipacoes 0/0/14, ativos 106664.81/76415.85/16, outras 18271.56/15048.84/14, recuperacoes 0/7996.46/14
SELECT e.category, sum(e.forecast) AS forecast, sum(e.actual) AS actual, count(DISTINCT e.id) AS n FROM entradas_caixa e JOIN empreendimentos d ON d.id = e.empreendimento_id JOIN filiais f ON f.id = d.filial_id WHERE f.is_active = true AND e.ref_month IN ('2026-09', '2026-10') GROUP BY e.category;
-- C5: 13 rows, Σ orcamento 1321879.08, Σ realizado 1119141.29
SELECT s.id, s.filial_id, s.filial_nome, s.mes_referencia, s.categoria, s.orcamento, s.realizado, s.detalhes, s.origem, s.criado_em FROM saidas_caixa s WHERE s.filial_id = 7 AND s.mes_referencia IN ('2026-09', '2026-10') AND s.origem = 'mega';
-- C6: opening balance of 2026-10: -7958281.34
SELECT (SELECT sum(e.actual) FROM entradas_caixa e JOIN empreendimentos d ON d.id = e.empreendimento_id JOIN filiais f ON f.id = d.filial_id WHERE f.is_active = true AND e.ref_month < '2026-10') - (SELECT sum(s.realizado) FROM saidas_caixa s JOIN filiais f ON f.id = s.filial_id WHERE f.is_active = true AND s.mes_referencia < '2026-10') AS opening;
-- C7: 71 rows; Σ vp over the first row of each empreendimento 1317580.97
SELECT p.id, p.empreendimento_id, p.empreendimento_nome, p.ref_month, p.vp, p.ltv, p.prazo_medio, p.duration, p.total_contracts, p.active_contracts, p.details, p.origem, p.created_at FROM estatisticas_portfolio p JOIN empreendimentos d ON d.id = p.empreendimento_id JOIN filiais f ON f.id = d.filial_id WHERE f.is_active = true AND p.ref_month <= '2026-10' ORDER BY p.empreendimento_id, p.ref_month DESC;
-- C8: 1316580.97 / 59 / 44
SELECT sum(p.vp) AS vp, sum(p.total_contracts) AS total_contracts, sum(p.active_contracts) AS active_contracts FROM estatisticas_portfolio p JOIN empreendimentos d ON d.id = p.empreendimento_id WHERE d.is_active = true AND p.ref_month = '2026-10';
-- C9: up_to_30 21220.52, total 119192.79, qty_total 40 (ours; the uau row adds 0)
SELECT i.ref_month, sum(i.up_to_30) AS up_to_30, sum(i.days_30_60) AS days_30_60, sum(i.days_60_90) AS days_60_90, sum(i.days_90_180) AS days_90_180, sum(i.above_180) AS above_180, sum(i.total) AS total, sum(coalesce((i.details->'quantities'->>'total')::int, 0)) AS qty_total FROM inadimplencia i JOIN empreendimentos d ON d.id = i.empreendimento_id WHERE d.is_active = true AND i.ref_month IN ('2026-10') GROUP BY i.ref_month;
-- C10: no row (no filial has an empreendimento's id)
SELECT s.filial_id, s.realizado FROM saidas_caixa s JOIN empreendimentos d ON d.id = s.filial_id WHERE d.is_active = true AND s.mes_referencia IN ('2026-09', '2026-10');
-- C11: 11 rows, Σ 526936.69
SELECT e.ref_month, sum(e.actual) AS total_actual FROM entradas_caixa e JOIN empreendimentos d ON d.id = e.empreendimento_id WHERE d.filial_id = 7 AND e.ref_month >= '2026-01' AND e.origem = 'mega' GROUP BY e.ref_month ORDER BY e.ref_month;
-- C12: 2
SELECT count(*) AS total FROM (SELECT * FROM empreendimentos WHERE origem = 'uau' AND name ILIKE '%uau%' ORDER BY is_active DESC, name) AS listed;
-- C13: 3 rows, ours first: exec_date 2026-11-22, success, metrics->>'developments_synced' = '8'
SELECT id, exec_date, source, status, started_at, finished_at, error, metrics, triggered_by_user_id FROM runs ORDER BY started_at DESC LIMIT 20 OFFSET 0;
-- C14: 2 rows with different ids: mega 3001 / 373878.77, uau 30779
SELECT id, origem, cod_contrato, obra, empreendimento_id, status, valor_contrato, valor_atualizado_ipca, data_assinatura, cliente_cpf, cliente_codigo, last_synced_at FROM contratos WHERE cod_contrato = 11001 ORDER BY origem;
-- C15: 139 / 5977477.27 (filial_id is the code here)
SELECT count(*) AS faturas, sum(valor_parcela) AS valor FROM faturas_pagar WHERE origem = 'mega' AND filial_id = 100;
-- C16: 0 everywhere; the same for each other view
SELECT 'entradas_caixa' AS view, count(*) - count(DISTINCT id) AS repeated FROM entradas_caixa UNION ALL SELECT 'filiais', count(*) - count(DISTINCT id) FROM filiais UNION ALL SELECT 'empreendimentos', count(*) - count(DISTINCT id) FROM empreendimentos;
