-- What each contrato adds to the figures of each month: those of the last two commits, and of every
-- commit that has a month in the tables.

CREATE TABLE sync_contratos_new (
    target     TEXT NOT NULL,
    contrato   INTEGER NOT NULL,
    -- Of the commit; compared with only while that is the target's last.
    generation INTEGER NOT NULL,
    parcelas   INTEGER NOT NULL,
    forecast   TEXT NOT NULL,
    vp         TEXT NOT NULL,
    -- A line for each figure: column, '.' and category where it has one, first month, then an amount for
    -- each month from there on; 1500.00x12 stands for twelve months in a row. Empty in rows of earlier
    -- versions.
    parts      TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (target, generation, contrato)
) WITHOUT ROWID;
INSERT INTO sync_contratos_new (target, contrato, generation, parcelas, forecast, vp)
SELECT target, contrato, generation, parcelas, forecast, vp FROM sync_contratos;
DROP TABLE sync_contratos;
ALTER TABLE sync_contratos_new RENAME TO sync_contratos;
