//! Months whose figures are not those of the newest run that covers them.

use domain::job::{EmpreendimentoId, Target};
use domain::month::Month;
use serde_json::json;
use sqlx::types::{Json, JsonValue};

use super::dialect::Dialect;
use super::row::row;
use super::statement::statement_of_rows;
use super::text;
use crate::error::Failure;
use crate::figures::PendingMonth;

// Of the view that wrote a month only a later one may write it again, and a run that replaces newer ones.
// The first condition on the state is that of the index, word for word, as SQLite wants it.
const PENDING: &str = "
SELECT id, nome, month, state
FROM (
    SELECT e.id AS id, e.nome AS nome, m.month AS month, j.state AS state,
           ROW_NUMBER() OVER (PARTITION BY e.id, m.month ORDER BY r.created_at DESC, r.id DESC) AS place
    FROM sync_jobs j
    JOIN sync_runs r ON r.id = j.run_id
    JOIN empreendimentos e ON CAST(e.id AS TEXT) = j.target
    JOIN (SELECT value ->> 'month' AS month FROM {each}($1) AS value) AS m
      ON m.month BETWEEN substr(CAST(r.start_date AS TEXT), 1, 7) AND substr(CAST(r.end_date AS TEXT), 1, 7)
    LEFT JOIN sync_coverage c ON c.target = j.target AND c.filial_id = 0 AND c.period = m.month
    WHERE j.state NOT IN ('done', 'superseded') AND j.state <> 'cancelled'
      AND (CAST($2 AS TEXT) IS NULL OR j.target = $2)
      AND (c.target IS NULL
           OR (r.created_at > c.run_created_at AND (r.replace_newer OR r.as_of >= c.as_of)))
) AS pending
WHERE place = 1
ORDER BY id, month";

row! {
    /// A month and its newest job.
    struct PendingRow {
        id: i64,
        nome: String,
        month: String,
        state: String,
    }
}

impl PendingRow {
    fn into_pending(self) -> Result<PendingMonth, Failure> {
        let id = EmpreendimentoId::try_from(self.id);
        let month = self.month.parse();
        Ok(PendingMonth {
            id: id.map_err(|_| text::unreadable("empreendimento"))?,
            nome: self.nome,
            month: month.map_err(|_| text::unreadable("month"))?,
            state: text::state(&self.state)?,
        })
    }
}

/// Those of some months, of one empreendimento or of all, in one statement, so that they are of one
/// moment.
pub async fn months<DB: Dialect>(
    connection: &mut DB::Connection,
    of: Option<EmpreendimentoId>,
    first: Month,
    last: Month,
) -> Result<Vec<PendingMonth>, Failure> {
    let months = Month::touched(first.first_day(), last.first_day());
    let months: JsonValue = months
        .map(|month| json!({ "month": month.to_string() }))
        .collect();
    let rows: Vec<PendingRow> = statement_of_rows::<DB>(PENDING)
        .bind(Json(months))
        .bind(of.map(|id| Target::Empreendimento(id).to_string()))
        .fetch_all(connection)
        .await?;
    rows.into_iter().map(PendingRow::into_pending).collect()
}
