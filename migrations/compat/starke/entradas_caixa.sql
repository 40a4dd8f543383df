CREATE VIEW {compat}.entradas_caixa AS
SELECT (1000000000
        + row_number() OVER (ORDER BY t.empreendimento_id, t.ref_month, t.category))::integer AS id,
       COALESCE(m.id, (1000000000 + t.empreendimento_id)::integer) AS empreendimento_id,
       t.empreendimento_nome::varchar(200) AS empreendimento_nome,
       t.ref_month::varchar(7) AS ref_month,
       t.category::varchar(100) AS category,
       t.forecast::double precision AS forecast,
       t.actual::double precision AS actual,
       t.details::json AS details,
       'mega'::varchar(20) AS origem,
       t.synced_at AS created_at
FROM {ours}.entradas_caixa t
LEFT JOIN {compat}.mega_sync_ids m ON m.kind = 'empreendimento' AND m.code = t.empreendimento_id
UNION ALL
SELECT o.id, o.empreendimento_id, o.empreendimento_nome, o.ref_month, o.category, o.forecast,
       o.actual, o.details::json, o.origem, {compat}.utc(o.created_at)
FROM {legacy}.entradas_caixa o
WHERE o.origem <> 'mega' OR o.empreendimento_id IN (SELECT id FROM {compat}.mega_sync_unheld_empreendimentos)
   OR (o.ref_month < '{floor}' AND (o.empreendimento_id, o.ref_month::text) NOT IN (
        SELECT h.id, t.ref_month FROM {ours}.entradas_caixa t
        JOIN {legacy}.empreendimentos h ON h.origem = 'mega' AND h.external_id = t.empreendimento_id));
