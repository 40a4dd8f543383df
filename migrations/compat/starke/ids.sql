-- Codes that the old tables know keep their ids; what is in the map stays.
INSERT INTO {compat}.mega_sync_ids (kind, code, id)
SELECT 'empreendimento', external_id, id FROM {legacy}.empreendimentos WHERE origem = 'mega'
UNION ALL
SELECT 'filial', external_id, id FROM {legacy}.filiais WHERE origem = 'mega'
ON CONFLICT (kind, code) DO NOTHING;
