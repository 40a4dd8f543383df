CREATE VIEW {compat}.filiais AS
SELECT COALESCE(m.id, (1500000000 + t.id)::integer) AS id,
       t.id::integer AS external_id,
       t.nome::varchar(255) AS nome,
       t.fantasia::varchar(255) AS fantasia,
       t.cnpj::varchar(20) AS cnpj,
       t.is_active,
       'mega'::varchar(20) AS origem,
       COALESCE({compat}.utc(o.criado_em), t.synced_at) AS criado_em,
       t.synced_at AS atualizado_em
FROM {ours}.filiais t
LEFT JOIN {compat}.mega_sync_ids m ON m.kind = 'filial' AND m.code = t.id
LEFT JOIN {legacy}.filiais o ON o.origem = 'mega' AND o.external_id = t.id
UNION ALL
SELECT o.id, o.external_id, o.nome, o.fantasia, o.cnpj, o.is_active, o.origem,
       {compat}.utc(o.criado_em), {compat}.utc(o.atualizado_em)
FROM {legacy}.filiais o
-- History: what was never ours stays visible as it was.
WHERE o.origem <> 'mega' OR NOT EXISTS (SELECT FROM {ours}.filiais t WHERE t.id = o.external_id);
