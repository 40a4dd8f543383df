DROP TABLE sync_erp;
