CREATE VIEW {compat}.inadimplencia AS
SELECT (1000000000 + row_number() OVER (ORDER BY t.empreendimento_id, t.ref_month))::integer AS id,
       COALESCE(m.id, (1000000000 + t.empreendimento_id)::integer) AS empreendimento_id,
       t.empreendimento_nome::varchar(200) AS empreendimento_nome,
       t.ref_month::varchar(10) AS ref_month,
       t.up_to_30::double precision AS up_to_30,
       t.days_30_60::double precision AS days_30_60,
       t.days_60_90::double precision AS days_60_90,
       t.days_90_180::double precision AS days_90_180,
       t.above_180::double precision AS above_180,
       t.total::double precision AS total,
       -- Readers take the total from among the quantities.
       (CASE WHEN t.details ? 'quantities' AND t.details ? 'quantity'
             THEN jsonb_set(t.details, '{quantities,total}', t.details -> 'quantity')
             ELSE t.details END)::json AS details,
       'mega'::varchar(20) AS origem,
       t.synced_at AS created_at
FROM {ours}.delinquency t
LEFT JOIN {compat}.mega_sync_ids m ON m.kind = 'empreendimento' AND m.code = t.empreendimento_id
UNION ALL
SELECT o.id, o.empreendimento_id, o.empreendimento_nome, o.ref_month, o.up_to_30, o.days_30_60,
       o.days_60_90, o.days_90_180, o.above_180, o.total, o.details::json, o.origem,
       {compat}.utc(o.created_at)
FROM {legacy}.inadimplencia o
WHERE o.origem <> 'mega' OR o.empreendimento_id IN (SELECT id FROM {compat}.mega_sync_unheld_empreendimentos)
   OR (left(o.ref_month, 7) < '{floor}' AND (o.empreendimento_id, left(o.ref_month, 7)::text) NOT IN (
        SELECT h.id, t.ref_month FROM {ours}.delinquency t
        JOIN {legacy}.empreendimentos h ON h.origem = 'mega' AND h.external_id = t.empreendimento_id));
