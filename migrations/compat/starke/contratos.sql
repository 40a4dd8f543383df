CREATE VIEW {compat}.contratos AS
SELECT (1000000000 + row_number() OVER (ORDER BY t.id))::integer AS id,
       'mega'::varchar(20) AS origem,
       t.id::integer AS cod_contrato,
       COALESCE(m.id, (1000000000 + t.empreendimento_id)::integer) AS empreendimento_id,
       t.status::varchar(50) AS status,
       t.valor_contrato::numeric(15, 2) AS valor_contrato,
       t.valor_atualizado_ipca::numeric(15, 2) AS valor_atualizado_ipca,
       t.data_assinatura,
       t.synced_at AS last_synced_at,
       NULL::varchar(50) AS obra,
       NULL::varchar(20) AS cliente_cpf,
       NULL::integer AS cliente_codigo
FROM {ours}.contratos t
LEFT JOIN {compat}.mega_sync_ids m ON m.kind = 'empreendimento' AND m.code = t.empreendimento_id
UNION ALL
SELECT o.id, o.origem, o.cod_contrato, o.empreendimento_id, o.status, o.valor_contrato,
       o.valor_atualizado_ipca, o.data_assinatura, {compat}.utc(o.last_synced_at), o.obra,
       o.cliente_cpf, o.cliente_codigo
FROM {legacy}.contratos o
WHERE o.origem <> 'mega' OR o.empreendimento_id IN (SELECT id FROM {compat}.mega_sync_unheld_empreendimentos);
