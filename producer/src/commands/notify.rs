//! `notify`: trying the channels, and what was told.

use std::fmt::Write as _;

use chrono::Utc;
use store::{NotificationRecord, Notifying, SendRecord};

use crate::cli::NotifyListArgs;
use crate::console::Console;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::notify::{NotifyConfig, senders, test_message};
use crate::services::settings;
use crate::text::{list, local, printable};

/// Notifications that are listed, at most.
const NEWEST: u32 = 50;

/// Sends a test message over every configured channel, and says of each whether it was sent.
///
/// # Errors
/// When the settings are wrong, or no channel is configured.
pub async fn notify_test(console: &mut Console<'_>) -> Result<Exit, CommandError> {
    let config = settings(NotifyConfig::read)?;
    let message = test_message(config.language(), console.program(), Utc::now());
    let senders = senders(config)?;
    if senders.is_empty() {
        return Err(CommandError::NoChannel);
    }
    let mut exit = Exit::Done;
    for sender in senders {
        let channel = sender.channel();
        match sender.send(&message).await {
            Ok(()) => console.data(&format!("{channel}: sent\n"))?,
            Err(problem) => {
                console.data(&format!("{channel}: not sent: {problem}\n"))?;
                exit = Exit::Away;
            }
        }
    }
    Ok(exit)
}

/// Lists the newest notifications.
///
/// # Errors
/// When the database fails.
pub async fn notify_list(
    console: &mut Console<'_>,
    store: &dyn Notifying,
    args: &NotifyListArgs,
) -> Result<Exit, CommandError> {
    let newest = store.notifications(NEWEST).await?;
    if args.json {
        console.json(&newest)?;
    } else if newest.is_empty() {
        console.narrate("nothing was told yet");
    } else {
        let lines: String = newest.iter().map(line).collect();
        console.data(&lines)?;
    }
    Ok(Exit::Done)
}

/// When, what, about what, and what became of it.
fn line(one: &NotificationRecord) -> String {
    let mut text = format!("{}  {}", local(one.created_at), printable(&one.event));
    if !one.about.is_empty() {
        _ = write!(text, " from {}", printable(&one.about));
    }
    if let Some(run) = &one.run {
        _ = write!(text, ", run {}", printable(run));
    }
    format!("{text}: {}\n", list(one.sends.iter().map(sent)))
}

fn sent(send: &SendRecord) -> String {
    let channel = printable(&send.channel);
    let problem = send.problem.as_deref().unwrap_or("not tried yet");
    let problem = printable(problem);
    match (send.sent_at, send.next_try_at) {
        (Some(at), _) => format!("{channel} sent {}", local(at)),
        (None, Some(at)) => format!("{channel} due {} ({problem})", local(at)),
        (None, None) => format!("{channel} given up ({problem})"),
    }
}
