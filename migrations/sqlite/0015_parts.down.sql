CREATE TABLE sync_contratos_old (
    target     TEXT NOT NULL,
    contrato   INTEGER NOT NULL,
    -- Of the commit; compared with only while that is the target's last.
    generation INTEGER NOT NULL,
    parcelas   INTEGER NOT NULL,
    forecast   TEXT NOT NULL,
    vp         TEXT NOT NULL,
    PRIMARY KEY (target, contrato)
);
INSERT INTO sync_contratos_old (target, contrato, generation, parcelas, forecast, vp)
SELECT c.target, c.contrato, c.generation, c.parcelas, c.forecast, c.vp
FROM sync_contratos c
JOIN sync_targets t ON t.target = c.target AND t.commit_generation = c.generation;
DROP TABLE sync_contratos;
ALTER TABLE sync_contratos_old RENAME TO sync_contratos;
