DROP TABLE sync_pause;
