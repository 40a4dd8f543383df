-- The schema of the replaced system's tables that a run took history over from. Null for any other run.
-- Months of saidas_caixa that such a run wrote are not recomputed from the faturas until runs have
-- covered each of their days.
ALTER TABLE sync_runs ADD COLUMN imported_from text;
