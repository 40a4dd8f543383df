CREATE VIEW {compat}.empreendimentos AS
SELECT COALESCE(m.id, (1000000000 + t.id)::integer) AS id,
       t.id::integer AS external_id,
       t.nome::varchar(255) AS name,
       COALESCE(f.id, (1500000000 + t.filial_id)::integer) AS filial_id,
       t.centro_custo_id::integer AS centro_custo_id,
       t.is_active,
       NULL::json AS raw_data,
       'mega'::varchar(20) AS origem,
       COALESCE({compat}.utc(o.created_at), t.synced_at) AS created_at,
       t.synced_at AS updated_at,
       t.last_synced_at,
       t.last_financial_sync_at
FROM {ours}.empreendimentos t
LEFT JOIN {compat}.mega_sync_ids m ON m.kind = 'empreendimento' AND m.code = t.id
LEFT JOIN {compat}.mega_sync_ids f ON f.kind = 'filial' AND f.code = t.filial_id
LEFT JOIN {legacy}.empreendimentos o ON o.origem = 'mega' AND o.external_id = t.id
UNION ALL
SELECT o.id, o.external_id, o.name, o.filial_id, o.centro_custo_id, o.is_active, o.raw_data::json,
       o.origem, {compat}.utc(o.created_at), {compat}.utc(o.updated_at),
       {compat}.utc(o.last_synced_at), {compat}.utc(o.last_financial_sync_at)
FROM {legacy}.empreendimentos o
WHERE o.origem <> 'mega'
   OR NOT EXISTS (SELECT FROM {ours}.empreendimentos t WHERE t.id = o.external_id);
