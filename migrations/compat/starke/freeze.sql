-- Codes without an old row keep the ids that the views show.
INSERT INTO {compat}.mega_sync_ids (kind, code, id)
SELECT 'empreendimento', id, 1000000000 + id FROM {ours}.empreendimentos
UNION ALL
SELECT 'filial', id, 1500000000 + id FROM {ours}.filiais
ON CONFLICT (kind, code) DO NOTHING;
