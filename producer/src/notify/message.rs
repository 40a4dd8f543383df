//! A notification as it is sent.

use chrono::NaiveDate;
use domain::job::RunId;
use serde::Serialize;
use store::NotificationRecord;

use super::event::{CauseCount, Event, Facts};
use super::language::Language;
use super::text::{self, Words};
use crate::program::Program;

/// A notification as it is sent. Its JSON form is the webhook's body, whose field names stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Message {
    /// The same for the same notification, sent again.
    pub id: String,
    /// What happened.
    pub event: Event,
    /// The event that is over, where this says so.
    pub about: Option<Event>,
    /// The day in São Paulo.
    pub day: NaiveDate,
    /// The run that it is about.
    pub run: Option<RunId>,
    /// What happened, in a line.
    pub subject: String,
    /// The whole of it, the first line included: what Slack shows.
    pub text: String,
    /// Failed jobs by cause.
    pub counts: Vec<CauseCount>,
    /// The first command to type.
    pub command: Option<String>,
    /// What the mail says below its subject.
    #[serde(skip)]
    pub body: String,
}

impl Message {
    /// The message of a recorded notification; `None` for one that only another version can tell.
    pub fn of(record: &NotificationRecord, language: Language, program: Program) -> Option<Self> {
        let facts: Facts = serde_json::from_value(record.facts.clone()).ok()?;
        let at = record.created_at.timestamp_micros();
        let id = format!("{}.{}.{at}", facts.event(), record.id);
        Some(Self::new(id, &facts, record.day, language, program))
    }

    /// The message of some facts.
    pub fn new(
        id: String,
        facts: &Facts,
        day: NaiveDate,
        language: Language,
        program: Program,
    ) -> Self {
        let Words {
            subject,
            body,
            command,
        } = text::words(facts, language, program);
        Self {
            id,
            event: facts.event(),
            about: facts.about(),
            day,
            run: facts.run().cloned(),
            text: format!("{subject}\n\n{body}"),
            subject,
            counts: facts.causes().to_vec(),
            command,
            body,
        }
    }
}
