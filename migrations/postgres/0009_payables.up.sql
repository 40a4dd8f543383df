-- What a run does about payables: {"filiais": [codes], "baixa": "vencimento" or "prorrogado"}. Null: all
-- filiais, and vencimento.
ALTER TABLE sync_runs ADD COLUMN payables jsonb;
