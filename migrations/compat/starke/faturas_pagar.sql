-- filial_id is the ERP's code here, as it always was.
CREATE VIEW {compat}.faturas_pagar AS
SELECT (1000000000 + row_number() OVER (
            ORDER BY t.filial_id, t.numero_ap, t.numero_parcela, t.agente_codigo, t.tipo_documento,
                     t.numero_documento, t.data_vencimento, t.valor_parcela))::integer AS id,
       'mega'::varchar(10) AS origem,
       t.filial_id::integer AS filial_id,
       f.nome::varchar(255) AS filial_nome,
       t.numero_ap::varchar(100) AS numero_ap,
       t.numero_parcela::varchar(50) AS numero_parcela,
       t.tipo_documento::varchar(100) AS tipo_documento,
       t.numero_documento::varchar(100) AS numero_documento,
       t.valor_parcela::numeric(15, 2) AS valor_parcela,
       t.saldo_atual::numeric(15, 2) AS saldo_atual,
       t.data_vencimento,
       t.data_baixa,
       t.agente_codigo::integer AS agente_codigo,
       NULL::varchar(255) AS agente_nome,
       NULL::json AS dados_brutos,
       t.synced_at AS criado_em,
       t.synced_at AS atualizado_em
FROM {ours}.faturas_pagar t
JOIN {ours}.filiais f ON f.id = t.filial_id
UNION ALL
SELECT o.id, o.origem, o.filial_id, o.filial_nome, o.numero_ap, o.numero_parcela, o.tipo_documento,
       o.numero_documento, o.valor_parcela, o.saldo_atual, o.data_vencimento, o.data_baixa,
       o.agente_codigo, o.agente_nome, o.dados_brutos::json, {compat}.utc(o.criado_em),
       {compat}.utc(o.atualizado_em)
FROM {legacy}.faturas_pagar o
WHERE o.origem <> 'mega'
   OR NOT EXISTS (SELECT FROM {ours}.filiais f WHERE f.id = o.filial_id);
