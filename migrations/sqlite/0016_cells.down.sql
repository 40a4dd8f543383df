DROP TABLE sync_cells;
