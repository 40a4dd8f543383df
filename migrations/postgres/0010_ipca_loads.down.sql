DROP TABLE sync_ipca_loads;
