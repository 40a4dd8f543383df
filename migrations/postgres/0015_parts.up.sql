-- What each contrato adds to the figures of each month: those of the last two commits, and of every
-- commit that has a month in the tables.

ALTER TABLE sync_contratos DROP CONSTRAINT sync_contratos_pkey;
ALTER TABLE sync_contratos ADD PRIMARY KEY (target, generation, contrato);
-- A line for each figure: column, '.' and category where it has one, first month, then an amount for each
-- month from there on; 1500.00x12 stands for twelve months in a row. Empty in rows of earlier versions.
ALTER TABLE sync_contratos ADD COLUMN parts text NOT NULL DEFAULT '';
