ALTER TABLE sync_contratos DROP COLUMN parts;
DELETE FROM sync_contratos c
WHERE NOT EXISTS (
    SELECT FROM sync_targets t
    WHERE t.target = c.target AND t.commit_generation = c.generation);
ALTER TABLE sync_contratos DROP CONSTRAINT sync_contratos_pkey;
ALTER TABLE sync_contratos ADD PRIMARY KEY (target, contrato);
