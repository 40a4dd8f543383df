//! What was told, and what is to be sent: `sync_notifications` and `sync_notification_sends`.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use domain::failure::FailureClass;
use domain::store_error::StoreError;
use serde_json::Value;
use sqlx::types::Json;

use super::dialect::Dialect;
use super::row::row;
use super::sql_store::{SqlStore, in_time};
use super::statement::statement;
use super::text;
use crate::notifying::{
    Channel, DueNotification, ErpWait, LastTold, NewNotification, NotificationRecord, Notifying,
    SendRecord,
};

const RECORD: &str = "
INSERT INTO sync_notifications (event, about, day, run_id, facts, created_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (event, about, day) DO NOTHING
RETURNING id";

const TO_SEND: &str = "
INSERT INTO sync_notification_sends (notification_id, channel, next_try_at) VALUES ($1, $2, $3)";

const LAST_TOLD: &str = "
SELECT event, about, day, created_at
FROM (
    SELECT event, about, day, created_at,
           ROW_NUMBER() OVER (PARTITION BY event, about ORDER BY day DESC, id DESC) AS place
    FROM sync_notifications
) AS told
WHERE place = 1
ORDER BY event, about";

// The condition again outside: of two at once the second waits for the row, and finds it taken.
const TAKE: &str = "
UPDATE sync_notification_sends SET tries = tries + 1, next_try_at = $3
WHERE channel = $1 AND next_try_at <= $2
  AND notification_id = (
      SELECT s.notification_id FROM sync_notification_sends s
      WHERE s.channel = $1 AND s.next_try_at <= $2
      ORDER BY s.next_try_at, s.notification_id LIMIT 1)
RETURNING notification_id, tries";

const ONE: &str = "
SELECT id, event, about, day, run_id, facts, created_at FROM sync_notifications WHERE id = $1";

const SENT: &str = "
UPDATE sync_notification_sends SET sent_at = $3, next_try_at = NULL, problem = NULL
WHERE notification_id = $1 AND channel = $2";

const FAILED: &str = "
UPDATE sync_notification_sends SET problem = $3, next_try_at = $4
WHERE notification_id = $1 AND channel = $2 AND sent_at IS NULL";

const NEWEST: &str = "
SELECT n.id, n.event, n.about, n.day, n.run_id, n.facts, n.created_at,
       s.channel, s.sent_at, s.tries, s.next_try_at, s.problem
FROM (SELECT id, event, about, day, run_id, facts, created_at
      FROM sync_notifications ORDER BY id DESC LIMIT $1) AS n
LEFT JOIN sync_notification_sends s ON s.notification_id = n.id
ORDER BY n.id DESC, s.channel";

// A job that is taken up again keeps its class, and since when it was deferred, until it is over. The first
// condition is that of the index sync_jobs_pending.
const ERP_WAIT: &str = "
SELECT COUNT(CASE WHEN state = 'deferred' THEN 1 END) AS deferred,
       MIN(CASE WHEN state = 'deferred' THEN deferred_since END) AS since, COUNT(*) AS open
FROM sync_jobs
WHERE state NOT IN ('done', 'superseded') AND state NOT IN ('failed', 'cancelled')
  AND class = $1 AND deferred_since > $2";

row! {
    /// The number of a new notification.
    struct IdRow {
        id: i64,
    }
}

row! {
    /// A row of `sync_notifications`.
    struct NotificationRow {
        id: i64,
        event: String,
        about: String,
        day: NaiveDate,
        run_id: Option<String>,
        facts: Json<Value>,
        created_at: DateTime<Utc>,
    }
}

impl From<NotificationRow> for NotificationRecord {
    fn from(row: NotificationRow) -> Self {
        Self {
            id: row.id,
            event: row.event,
            about: row.about,
            day: row.day,
            run: row.run_id,
            facts: row.facts.0,
            created_at: row.created_at,
            sends: Vec::new(),
        }
    }
}

row! {
    /// A row of `sync_notification_sends`; empty where a notification has none.
    struct SendRow {
        channel: Option<String>,
        sent_at: Option<DateTime<Utc>>,
        tries: Option<i64>,
        next_try_at: Option<DateTime<Utc>>,
        problem: Option<String>,
    }
}

impl SendRow {
    fn into_record(self) -> Option<SendRecord> {
        Some(SendRecord {
            channel: self.channel?,
            sent_at: self.sent_at,
            tries: text::count(self.tries?),
            next_try_at: self.next_try_at,
            problem: self.problem,
        })
    }
}

row! {
    /// What was taken to be sent.
    struct TakenRow {
        notification_id: i64,
        tries: i64,
    }
}

row! {
    /// When an event was told last.
    struct ToldRow {
        event: String,
        about: String,
        day: NaiveDate,
        created_at: DateTime<Utc>,
    }
}

impl From<ToldRow> for LastTold {
    fn from(row: ToldRow) -> Self {
        Self {
            event: row.event,
            about: row.about,
            day: row.day,
            at: row.created_at,
        }
    }
}

row! {
    /// Jobs that wait for the ERP.
    struct WaitRow {
        deferred: i64,
        since: Option<DateTime<Utc>>,
        open: i64,
    }
}

#[async_trait]
impl<DB: Dialect> Notifying for SqlStore<DB> {
    async fn record_notification(
        &self,
        new: &NewNotification,
        channels: &[Channel],
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        in_time(async {
            let mut tx = self.begin().await?;
            let recorded: Option<IdRow> = statement::<DB>(RECORD)
                .bind(new.event.clone())
                .bind(new.about.clone())
                .bind(new.day)
                .bind(new.run.as_ref().map(ToString::to_string))
                .bind(Json(new.facts.clone()))
                .bind(now)
                .fetch_optional(&mut tx)
                .await?;
            let Some(IdRow { id }) = recorded else {
                return Ok(false);
            };
            for channel in channels {
                statement::<DB>(TO_SEND)
                    .bind(id)
                    .bind(channel.to_string())
                    .bind(now)
                    .execute(&mut tx)
                    .await?;
            }
            tx.commit().await?;
            Ok(true)
        })
        .await
    }

    async fn last_told(&self) -> Result<Vec<LastTold>, StoreError> {
        in_time(async {
            let rows: Vec<ToldRow> = statement::<DB>(LAST_TOLD)
                .fetch_all(&mut *self.connection().await?)
                .await?;
            Ok(rows.into_iter().map(LastTold::from).collect())
        })
        .await
    }

    async fn take_notification(
        &self,
        channel: Channel,
        now: DateTime<Utc>,
        lease: Duration,
    ) -> Result<Option<DueNotification>, StoreError> {
        in_time(async {
            let mut tx = self.begin().await?;
            let taken: Option<TakenRow> = statement::<DB>(TAKE)
                .bind(channel.to_string())
                .bind(now)
                .bind(now + lease)
                .fetch_optional(&mut tx)
                .await?;
            let Some(taken) = taken else {
                return Ok(None);
            };
            let notification: NotificationRow = statement::<DB>(ONE)
                .bind(taken.notification_id)
                .fetch_one(&mut tx)
                .await?;
            tx.commit().await?;
            Ok(Some(DueNotification {
                notification: notification.into(),
                tries: text::count(taken.tries),
            }))
        })
        .await
    }

    async fn notification_sent(
        &self,
        id: i64,
        channel: Channel,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        in_time(async {
            statement::<DB>(SENT)
                .bind(id)
                .bind(channel.to_string())
                .bind(now)
                .execute(&mut *self.connection().await?)
                .await?;
            Ok(())
        })
        .await
    }

    async fn notification_failed(
        &self,
        id: i64,
        channel: Channel,
        problem: &str,
        next_try_at: Option<DateTime<Utc>>,
    ) -> Result<(), StoreError> {
        in_time(async {
            statement::<DB>(FAILED)
                .bind(id)
                .bind(channel.to_string())
                .bind(problem.to_owned())
                .bind(next_try_at)
                .execute(&mut *self.connection().await?)
                .await?;
            Ok(())
        })
        .await
    }

    async fn notifications(&self, most: u32) -> Result<Vec<NotificationRecord>, StoreError> {
        in_time(async {
            let rows: Vec<(NotificationRow, SendRow)> = statement::<DB>(NEWEST)
                .bind(i64::from(most))
                .fetch_all(&mut *self.connection().await?)
                .await?;
            Ok(grouped(rows))
        })
        .await
    }

    async fn erp_wait(&self, earliest: DateTime<Utc>) -> Result<ErpWait, StoreError> {
        in_time(async {
            let row: WaitRow = statement::<DB>(ERP_WAIT)
                .bind(FailureClass::ErpAway.name().to_owned())
                .bind(earliest)
                .fetch_one(&mut *self.connection().await?)
                .await?;
            Ok(ErpWait {
                deferred: row.deferred.unsigned_abs(),
                since: row.since,
                open: row.open.unsigned_abs(),
            })
        })
        .await
    }
}

/// Notifications with their sends, of rows that have those of one notification together.
fn grouped(rows: Vec<(NotificationRow, SendRow)>) -> Vec<NotificationRecord> {
    let mut records: Vec<NotificationRecord> = Vec::new();
    for (notification, send) in rows {
        if records.last().is_none_or(|last| last.id != notification.id) {
            records.push(notification.into());
        }
        if let (Some(last), Some(send)) = (records.last_mut(), send.into_record()) {
            last.sends.push(send);
        }
    }
    records
}
