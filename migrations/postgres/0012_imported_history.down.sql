-- The version before takes history for its own and recomputes its cash out. It goes, and can be imported
-- again.
DELETE FROM entradas_caixa WHERE run_id IN (SELECT id FROM sync_runs WHERE imported_from IS NOT NULL);
DELETE FROM saidas_caixa WHERE run_id IN (SELECT id FROM sync_runs WHERE imported_from IS NOT NULL);
DELETE FROM estatisticas_portfolio WHERE run_id IN (SELECT id FROM sync_runs WHERE imported_from IS NOT NULL);
DELETE FROM delinquency WHERE run_id IN (SELECT id FROM sync_runs WHERE imported_from IS NOT NULL);
DELETE FROM sync_runs WHERE imported_from IS NOT NULL;
ALTER TABLE sync_runs DROP COLUMN imported_from;
