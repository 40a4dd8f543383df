//! Rows and sums of the published tables.

use domain::money::Money;
use sqlx::AssertSqlSafe;

use super::dialect::Dialect;
use super::row::row;
use super::statement::statement;
use crate::error::Failure;
use crate::figures::TableTotal;

/// The published tables and their amounts, in the order a summary names them.
pub const PUBLISHED: [(&str, &[&str]); 8] = [
    ("filiais", &[]),
    ("empreendimentos", &[]),
    ("contratos", &["valor_contrato"]),
    ("entradas_caixa", &["forecast", "actual"]),
    ("estatisticas_portfolio", &["vp"]),
    ("delinquency", &["total"]),
    ("faturas_pagar", &["valor_parcela", "saldo_atual"]),
    ("saidas_caixa", &["orcamento", "realizado"]),
];

row! {
    /// Rows of a table and the sum of one of its amounts.
    struct TotalRow {
        quantity: i64,
        centavos: i64,
    }
}

/// All in one statement, so that they are of one moment.
pub async fn of_tables<DB: Dialect>(
    connection: &mut DB::Connection,
) -> Result<Vec<TableTotal>, Failure> {
    let sums = PUBLISHED
        .iter()
        .flat_map(|(table, columns)| {
            let none = columns.is_empty().then_some("0");
            columns.iter().copied().chain(none).map(move |column| {
                let sum = DB::centavos_of(column);
                let from = DB::amounts_table(table);
                format!("COUNT(*) AS quantity, {sum} AS centavos FROM {from}")
            })
        })
        .enumerate()
        .map(|(seq, sum)| format!("SELECT CAST({seq} AS BIGINT) AS seq, {sum}"))
        .collect::<Vec<_>>()
        .join(" UNION ALL ");
    // Built of this file's constants alone.
    let all = AssertSqlSafe(format!("{sums} ORDER BY seq"));
    let rows: Vec<TotalRow> = statement::<DB>(all).fetch_all(connection).await?;

    let mut rows = rows.into_iter();
    let totals = PUBLISHED.map(|(table, columns)| {
        let mut total = TableTotal {
            table,
            rows: 0,
            sums: Vec::new(),
        };
        for row in rows.by_ref().take(columns.len().max(1)) {
            total.rows = row.quantity.unsigned_abs();
            if let Some(column) = columns.get(total.sums.len()) {
                let sum = Money::from_centavos(row.centavos).to_string();
                total.sums.push((column, sum));
            }
        }
        total
    });
    Ok(totals.into())
}
