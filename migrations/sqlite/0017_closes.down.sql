DROP TABLE sync_closed_cells;
DROP TABLE sync_closes;
