//! Word to whoever must act: what is told once, and what each channel has sent of it.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use domain::job::RunId;
use domain::store_error::StoreError;
use serde::Serialize;
use serde_json::Value;

/// A way to whoever must act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::Display)]
#[strum(serialize_all = "lowercase")]
pub enum Channel {
    /// Mail over SMTP.
    Email,
    /// A call of an HTTP server.
    Webhook,
}

/// A notification about to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewNotification {
    /// The kind of event.
    pub event: String,
    /// The event that is over, where this says so; else empty.
    pub about: String,
    /// The day in São Paulo that has one notification of the event.
    pub day: NaiveDate,
    /// The run that it is about, where it is about one.
    pub run: Option<RunId>,
    /// What its text is made of.
    pub facts: Value,
}

/// A recorded notification, in the output of `notify list --json`, whose field names stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotificationRecord {
    /// Its number.
    pub id: i64,
    /// The kind of event.
    pub event: String,
    /// The event that is over, where this says so; else empty.
    pub about: String,
    /// The day in São Paulo.
    pub day: NaiveDate,
    /// The run that it is about, where it is about one.
    pub run: Option<String>,
    /// What its text is made of.
    pub facts: Value,
    /// When it was recorded.
    pub created_at: DateTime<Utc>,
    /// What became of it, by channel.
    pub sends: Vec<SendRecord>,
}

/// What became of a notification on one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SendRecord {
    /// The channel.
    pub channel: String,
    /// When it was sent; absent while it is not.
    pub sent_at: Option<DateTime<Utc>>,
    /// How often it was tried.
    pub tries: u32,
    /// When it is tried next; absent once it is sent or given up.
    pub next_try_at: Option<DateTime<Utc>>,
    /// Why the last try failed.
    pub problem: Option<String>,
}

/// A notification that a process has taken to send it over a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueNotification {
    /// The notification, without what became of it.
    pub notification: NotificationRecord,
    /// How often it was tried, this time included.
    pub tries: u32,
}

/// When an event was told last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastTold {
    /// The kind of event.
    pub event: String,
    /// The event that is over, where this says so; else empty.
    pub about: String,
    /// The day in São Paulo.
    pub day: NaiveDate,
    /// When it was recorded.
    pub at: DateTime<Utc>,
}

/// Jobs that wait because the ERP is away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ErpWait {
    /// Jobs deferred for it.
    pub deferred: u64,
    /// Since when the first of those was deferred; absent where there is none.
    pub since: Option<DateTime<Utc>>,
    /// Jobs that were deferred for it and are not over, those included.
    pub open: u64,
}

/// What was told, and what is to be sent. The time is the caller's, read from the database's clock.
#[async_trait]
pub trait Notifying: Send + Sync {
    /// Records a notification that is to be sent over some channels, in one transaction; `false` when the
    /// event has one of that day already. Then nothing is written.
    async fn record_notification(
        &self,
        new: &NewNotification,
        channels: &[Channel],
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError>;

    /// The newest notification of each event, and of what each that is over is about.
    async fn last_told(&self) -> Result<Vec<LastTold>, StoreError>;

    /// Takes the notification that is longest due on a channel, for `lease`: until then no other process
    /// takes it. It counts as tried.
    async fn take_notification(
        &self,
        channel: Channel,
        now: DateTime<Utc>,
        lease: Duration,
    ) -> Result<Option<DueNotification>, StoreError>;

    /// A notification was sent.
    async fn notification_sent(
        &self,
        id: i64,
        channel: Channel,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError>;

    /// A notification was not sent. It is due again at `next_try_at`, or given up without it. One that
    /// another process has sent stays sent.
    async fn notification_failed(
        &self,
        id: i64,
        channel: Channel,
        problem: &str,
        next_try_at: Option<DateTime<Utc>>,
    ) -> Result<(), StoreError>;

    /// The newest notifications, at most so many, the newest first.
    async fn notifications(&self, most: u32) -> Result<Vec<NotificationRecord>, StoreError>;

    /// Jobs that wait because the ERP is away, of those deferred after `earliest`.
    async fn erp_wait(&self, earliest: DateTime<Utc>) -> Result<ErpWait, StoreError>;
}
