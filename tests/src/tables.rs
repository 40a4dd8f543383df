//! The published tables as text, so that any two states compare row by row.

use std::collections::BTreeMap;

use anyhow::Context as _;
use sqlx::{PgPool, SqlitePool};

/// Rows of every published table: table → key → values, all text.
pub type Tables = BTreeMap<String, BTreeMap<String, String>>;

/// A table's name, and a query of (key, values) for each database.
struct View {
    table: &'static str,
    postgres: &'static str,
    sqlite: &'static str,
}

const VIEWS: [View; 7] = [
    View {
        table: "contratos",
        postgres: "SELECT id::text, concat_ws(' ', empreendimento_id, status, valor_contrato)
                   FROM contratos",
        sqlite: "SELECT CAST(id AS TEXT), printf('%d %s %.2f', empreendimento_id, status, valor_contrato)
                 FROM contratos",
    },
    View {
        table: "empreendimentos",
        postgres: "SELECT e.id::text, concat_ws(' ', e.is_active::text, COUNT(c.id))
                   FROM empreendimentos e LEFT JOIN contratos c ON c.empreendimento_id = e.id
                   GROUP BY e.id",
        sqlite: "SELECT CAST(e.id AS TEXT), iif(e.is_active, 'true', 'false') || ' ' || COUNT(c.id)
                 FROM empreendimentos e LEFT JOIN contratos c ON c.empreendimento_id = e.id
                 GROUP BY e.id",
    },
    View {
        table: "entradas_caixa",
        postgres: "SELECT concat_ws('|', empreendimento_id, ref_month, category),
                          concat_ws(' ', forecast, actual) FROM entradas_caixa",
        sqlite: "SELECT empreendimento_id || '|' || ref_month || '|' || category,
                        printf('%.2f %.2f', forecast, actual) FROM entradas_caixa",
    },
    View {
        table: "delinquency",
        postgres: "SELECT concat_ws('|', empreendimento_id, ref_month),
                          concat_ws(' ', up_to_30, days_30_60, days_60_90, days_90_180, above_180, total,
                                    details->>'quantity', details->'over_365'->>'amount')
                   FROM delinquency",
        sqlite: "SELECT empreendimento_id || '|' || ref_month,
                        printf('%.2f %.2f %.2f %.2f %.2f %.2f %s %s', up_to_30, days_30_60, days_60_90,
                               days_90_180, above_180, total, details->>'quantity',
                               details->'over_365'->>'amount')
                 FROM delinquency",
    },
    View {
        table: "estatisticas_portfolio",
        postgres: "SELECT concat_ws('|', empreendimento_id, ref_month),
                          concat_ws(' ', vp, ltv, prazo_medio, duration, total_contracts, active_contracts)
                   FROM estatisticas_portfolio",
        sqlite: "SELECT empreendimento_id || '|' || ref_month,
                        printf('%.2f %.2f %.1f %.2f %d %d', vp, ltv, prazo_medio, duration,
                               total_contracts, active_contracts)
                 FROM estatisticas_portfolio",
    },
    View {
        table: "saidas_caixa",
        postgres: "SELECT concat_ws('|', filial_id, mes_referencia, categoria),
                          concat_ws(' ', orcamento, realizado) FROM saidas_caixa",
        sqlite: "SELECT filial_id || '|' || mes_referencia || '|' || categoria,
                        printf('%.2f %.2f', orcamento, realizado) FROM saidas_caixa",
    },
    View {
        table: "faturas_pagar",
        postgres: "SELECT concat_ws('|', filial_id, numero_ap, numero_parcela, agente_codigo, tipo_documento,
                                    numero_documento, data_vencimento, valor_parcela),
                          concat_ws(' ', saldo_atual, coalesce(data_baixa::text, 'open')) FROM faturas_pagar",
        sqlite: "SELECT filial_id || '|' || numero_ap || '|' || numero_parcela || '|' || agente_codigo || '|'
                        || tipo_documento || '|' || numero_documento || '|' || data_vencimento || '|'
                        || printf('%.2f', valor_parcela),
                        printf('%.2f %s', saldo_atual, coalesce(data_baixa, 'open')) FROM faturas_pagar",
    },
];

/// Reads the tables of a PostgreSQL database.
pub async fn of_postgres(pool: &PgPool) -> anyhow::Result<Tables> {
    let mut tables = Tables::new();
    for view in &VIEWS {
        let rows: Vec<(String, String)> = sqlx::query_as(view.postgres)
            .fetch_all(pool)
            .await
            .context(view.table)?;
        tables.insert(view.table.to_owned(), rows.into_iter().collect());
    }
    Ok(tables)
}

/// Reads the tables of a SQLite file.
pub async fn of_sqlite(pool: &SqlitePool) -> anyhow::Result<Tables> {
    let mut tables = Tables::new();
    for view in &VIEWS {
        let rows: Vec<(String, String)> = sqlx::query_as(view.sqlite)
            .fetch_all(pool)
            .await
            .context(view.table)?;
        tables.insert(view.table.to_owned(), rows.into_iter().collect());
    }
    Ok(tables)
}

/// The rows in which two states differ, over the tables that `expected` has, a line each.
pub fn difference(expected: &Tables, actual: &Tables) -> Vec<String> {
    let empty = BTreeMap::new();
    let mut lines = Vec::new();
    for (table, expected) in expected {
        let actual = actual.get(table).unwrap_or(&empty);
        let keys: std::collections::BTreeSet<_> = expected.keys().chain(actual.keys()).collect();
        for key in keys {
            let (expected, actual) = (expected.get(key), actual.get(key));
            if expected != actual {
                lines.push(format!(
                    "{table} {key}: expected {expected:?}, found {actual:?}"
                ));
            }
        }
    }
    lines
}
