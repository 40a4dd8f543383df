DROP FUNCTION saidas_caixa_as_of(timestamptz);
DROP FUNCTION estatisticas_portfolio_as_of(timestamptz);
DROP FUNCTION delinquency_as_of(timestamptz);
DROP FUNCTION entradas_caixa_as_of(timestamptz);
DROP FUNCTION sync_cells_as_of(text, timestamptz);
DROP TABLE sync_cells;
