DROP TABLE sync_views;
