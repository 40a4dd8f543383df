DROP TABLE sync_requeues;
