CREATE VIEW {compat}.saidas_caixa AS
SELECT (1000000000
        + row_number() OVER (ORDER BY t.filial_id, t.mes_referencia, t.categoria))::integer AS id,
       COALESCE(m.id, (1500000000 + t.filial_id)::integer) AS filial_id,
       t.filial_nome::varchar(200) AS filial_nome,
       t.mes_referencia::varchar(7) AS mes_referencia,
       t.categoria::varchar(100) AS categoria,
       t.orcamento::double precision AS orcamento,
       t.realizado::double precision AS realizado,
       json_build_object('budget_count', t.detalhes -> 'faturas',
                         'actual_count', t.detalhes -> 'pagamentos',
                         'source', 'faturas_pagar') AS detalhes,
       'mega'::varchar(20) AS origem,
       t.synced_at AS criado_em
FROM {ours}.saidas_caixa t
LEFT JOIN {compat}.mega_sync_ids m ON m.kind = 'filial' AND m.code = t.filial_id
UNION ALL
SELECT o.id, o.filial_id, o.filial_nome, o.mes_referencia, o.categoria, o.orcamento, o.realizado,
       o.detalhes::json, o.origem, {compat}.utc(o.criado_em)
FROM {legacy}.saidas_caixa o
WHERE o.origem <> 'mega' OR o.filial_id IN (SELECT id FROM {compat}.mega_sync_unheld_filiais)
   OR (o.mes_referencia < '{floor}' AND (o.filial_id, o.mes_referencia::text) NOT IN (
        SELECT h.id, t.mes_referencia FROM {ours}.saidas_caixa t
        JOIN {legacy}.filiais h ON h.origem = 'mega' AND h.external_id = t.filial_id));
