//! Which runs are old, and which of them nothing names any more.

use chrono::{DateTime, Utc};
use sqlx::AssertSqlSafe;

use super::dialect::Dialect;
use super::row::row;
use super::statement::statement;
use super::totals::PUBLISHED;
use crate::cells::FigureTable;
use crate::error::Failure;

// What explain shows of a target is the commit of its newest figure and the one before it. What the contratos
// added is kept by the generation of a commit.
const NAMED: &str = "
), shown AS (
    SELECT a.target AS target, a.generation AS generation
    FROM written w JOIN sync_attempts a
        ON a.run_id = w.run_id AND a.target = w.target AND a.outcome = 'done'
    UNION
    SELECT target, MAX(generation) FROM sync_attempts WHERE outcome = 'done' GROUP BY target
), commits AS (
    SELECT target, generation FROM shown
    UNION
    SELECT target, (SELECT MAX(p.generation) FROM sync_attempts p
                    WHERE p.target = shown.target AND p.generation < shown.generation
                      AND p.outcome = 'done') FROM shown
    UNION
    SELECT DISTINCT target, generation FROM sync_contratos
), named AS (
    SELECT a.run_id AS run_id
    FROM commits c JOIN sync_attempts a ON a.target = c.target AND a.generation = c.generation
    UNION SELECT commit_run FROM sync_targets WHERE commit_run IS NOT NULL
    UNION SELECT holder_run FROM sync_targets WHERE holder_run IS NOT NULL
    UNION SELECT DISTINCT run_id FROM sync_coverage
    UNION SELECT DISTINCT run_id FROM sync_closed_cells
    UNION ";

// It is planned, or never will be, and every job has been final since before that time. A failed one is open for as long as a month of its window
// is not covered by a later run; of the cash out, all days of a month. Neither subquery over a list is
// correlated, so that each is read once.
const OLD: &str = "
), history AS (
    SELECT DISTINCT run_id FROM sync_cells
)
SELECT r.id AS id, r.id IN (SELECT run_id FROM history) AS in_history
FROM sync_runs r
WHERE r.created_at < $1 AND r.imported_from IS NULL AND COALESCE(r.planning, '') <> 'open'
  AND r.id <> (SELECT id FROM sync_runs WHERE imported_from IS NULL
               ORDER BY created_at DESC, id DESC LIMIT 1)
  AND r.id NOT IN (SELECT run_id FROM named)
  AND NOT EXISTS (
    SELECT 1 FROM sync_jobs j WHERE j.run_id = r.id
      AND (j.state NOT IN ('done', 'superseded', 'failed', 'cancelled')
           OR j.finished_at IS NULL OR j.finished_at >= $1))
  AND NOT EXISTS (
    SELECT 1 FROM sync_jobs f WHERE f.run_id = r.id AND f.state = 'failed'
      AND (SELECT COUNT(DISTINCT substr(c.period, 1, 7)) FROM sync_coverage c
           WHERE c.target = f.target AND c.filial_id = 0 AND c.run_created_at > r.created_at
             AND substr(c.period, 1, 7) BETWEEN substr(CAST(r.start_date AS TEXT), 1, 7)
                                            AND substr(CAST(r.end_date AS TEXT), 1, 7))
          < (CAST(substr(CAST(r.end_date AS TEXT), 1, 4) AS BIGINT)
             - CAST(substr(CAST(r.start_date AS TEXT), 1, 4) AS BIGINT)) * 12
            + CAST(substr(CAST(r.end_date AS TEXT), 6, 2) AS BIGINT)
            - CAST(substr(CAST(r.start_date AS TEXT), 6, 2) AS BIGINT) + 1)
  AND (r.id NOT IN (SELECT run_id FROM history)
       OR EXISTS (SELECT 1 FROM sync_attempts a WHERE a.run_id = r.id AND a.finished_at < $1)
       OR EXISTS (SELECT 1 FROM sync_checks k WHERE k.run_id = r.id))
ORDER BY r.created_at, r.id";

row! {
    /// A run that may go.
    pub struct OldRow {
        pub id: String,
        // The history of the figures names it: its jobs stay.
        pub in_history: bool,
    }
}

/// The runs that ended before a time and that nothing names but, at most, the history of the figures, the
/// oldest first.
///
/// While they are pruned none of them comes to be named: rows get the name of a run from its own jobs, which
/// are final, or from rows that have it already.
pub async fn old<DB: Dialect>(
    connection: &mut DB::Connection,
    before: DateTime<Utc>,
) -> Result<Vec<OldRow>, Failure> {
    let written = FigureTable::ALL.iter().map(written::<DB>);
    let published = PUBLISHED.map(|(table, _)| {
        let table = DB::amounts_table(table);
        format!("SELECT DISTINCT run_id FROM {table}")
    });
    // Built of constants alone.
    let old = AssertSqlSafe(format!(
        "WITH written AS ({}{NAMED}{}{OLD}",
        written.collect::<Vec<_>>().join(" UNION "),
        published.join(" UNION "),
    ));
    statement::<DB>(old)
        .bind(before)
        .fetch_all(connection)
        .await
}

/// The targets of a table's rows, each with the runs that wrote them.
fn written<DB: Dialect>(table: &FigureTable) -> String {
    let target = match table {
        FigureTable::EntradasCaixa
        | FigureTable::Delinquency
        | FigureTable::EstatisticasPortfolio => "CAST(empreendimento_id AS TEXT)",
        FigureTable::SaidasCaixa => "'saidas-caixa'",
    };
    let from = DB::amounts_table(table.name());
    format!("SELECT DISTINCT {target} AS target, run_id FROM {from}")
}
