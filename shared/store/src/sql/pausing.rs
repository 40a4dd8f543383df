//! The pause of the fleet: the row of `sync_pause`.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::ledger::{Action, NewAction, Pause};
use domain::store_error::StoreError;

use super::actions;
use super::dialect::Dialect;
use super::row::row;
use super::sql_store::{SqlStore, in_time};
use super::statement::statement;
use crate::error::Failure;
use crate::pausing::Pausing;

// A pause whose time is over stays until the next one replaces it.
const STANDING: &str = "
SELECT at, until, by, why FROM sync_pause WHERE until IS NULL OR until > $1";

const LIFT: &str = "DELETE FROM sync_pause WHERE until IS NULL OR until > $1";

const PAUSE: &str = "
INSERT INTO sync_pause (id, at, until, by, why) VALUES (1, $1, $2, $3, $4)
ON CONFLICT (id) DO UPDATE
SET at = excluded.at, until = excluded.until, by = excluded.by, why = excluded.why
RETURNING at, until, by, why";

row! {
    /// The row of `sync_pause`.
    struct PauseRow {
        at: DateTime<Utc>,
        until: Option<DateTime<Utc>>,
        by: String,
        why: String,
    }
}

impl PauseRow {
    fn into_pause(self) -> Pause {
        Pause {
            at: self.at,
            until: self.until,
            by: self.by,
            why: self.why,
        }
    }
}

/// The pause that stands at `now`, a time of the database's clock.
pub async fn standing<DB: Dialect>(
    connection: &mut DB::Connection,
    now: DateTime<Utc>,
) -> Result<Option<Pause>, Failure> {
    let row: Option<PauseRow> = statement::<DB>(STANDING)
        .bind(now)
        .fetch_optional(connection)
        .await?;
    Ok(row.map(PauseRow::into_pause))
}

#[async_trait]
impl<DB: Dialect> Pausing for SqlStore<DB> {
    async fn pause_of_fleet(&self) -> Result<Option<Pause>, StoreError> {
        in_time(async {
            let mut connection = self.connection().await?;
            let now = DB::now(&mut connection).await?;
            standing::<DB>(&mut connection, now).await
        })
        .await
    }

    async fn pause_fleet(
        &self,
        until: Option<DateTime<Utc>>,
        by: &str,
        why: &str,
    ) -> Result<Pause, StoreError> {
        in_time(async {
            let mut tx = self.begin().await?;
            let now = DB::now(&mut tx).await?;
            let row: PauseRow = statement::<DB>(PAUSE)
                .bind(now)
                .bind(until)
                .bind(by.to_owned())
                .bind(why.to_owned())
                .fetch_one(&mut tx)
                .await?;
            let action = NewAction {
                why: Some(why),
                ..NewAction::new(Action::Pause, by)
            };
            actions::record::<DB>(&mut tx, action).await?;
            tx.commit().await?;
            Ok(row.into_pause())
        })
        .await
    }

    async fn unpause_fleet(&self, by: &str) -> Result<bool, StoreError> {
        in_time(async {
            let mut tx = self.begin().await?;
            let now = DB::now(&mut tx).await?;
            let lifted = statement::<DB>(LIFT).bind(now).execute(&mut tx).await?;
            if lifted > 0 {
                actions::record::<DB>(&mut tx, NewAction::new(Action::Unpause, by)).await?;
            }
            tx.commit().await?;
            Ok(lifted > 0)
        })
        .await
    }
}
