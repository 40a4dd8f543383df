//! One measure of all empreendimentos, month by month.

use domain::job::EmpreendimentoId;
use domain::month::Month;
use rust_decimal::Decimal;
use sqlx::AssertSqlSafe;

use super::dialect::Dialect;
use super::row::row;
use super::statement::statement;
use super::text;
use crate::error::Failure;
use crate::figures::{Measure, MonthlyFigure};

/// Decimals of every measure.
const DECIMALS: u32 = 2;

row! {
    /// A figure, without its decimal point.
    struct FigureRow {
        id: i64,
        nome: String,
        ref_month: String,
        value: i64,
    }
}

impl FigureRow {
    fn into_figure(self) -> Result<MonthlyFigure, Failure> {
        let id = EmpreendimentoId::try_from(self.id);
        let month = self.ref_month.parse();
        Ok(MonthlyFigure {
            id: id.map_err(|_| text::unreadable("empreendimento"))?,
            nome: self.nome,
            month: month.map_err(|_| text::unreadable("month"))?,
            value: Decimal::new(self.value, DECIMALS),
        })
    }
}

/// The figures of some months, by the empreendimentos' names.
pub async fn figures<DB: Dialect>(
    connection: &mut DB::Connection,
    measure: Measure,
    first: Month,
    last: Month,
) -> Result<Vec<MonthlyFigure>, Failure> {
    let (table, column) = measure.column();
    let value = DB::scaled(&format!("t.{column}"), DECIMALS);
    let table = DB::amounts_table(table);
    // Built of constants alone.
    let figures = AssertSqlSafe(format!(
        "SELECT e.id AS id, e.nome AS nome, t.ref_month AS ref_month, \
         CAST(SUM({value}) AS BIGINT) AS value \
         FROM {table} t JOIN empreendimentos e ON e.id = t.empreendimento_id \
         WHERE t.ref_month BETWEEN $1 AND $2 \
         GROUP BY e.id, e.nome, t.ref_month ORDER BY e.nome, e.id, t.ref_month"
    ));
    let rows: Vec<FigureRow> = statement::<DB>(figures)
        .bind(first.to_string())
        .bind(last.to_string())
        .fetch_all(connection)
        .await?;
    rows.into_iter().map(FigureRow::into_figure).collect()
}
