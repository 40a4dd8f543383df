//! Names and arguments of the queues, and their declaration.
//!
//! Everything goes through the default exchange into durable quorum queues. A declaration with
//! other arguments than a queue has is refused, so these are for ever: whatever changes here needs
//! another name.

use std::time::Duration;

use lapin::Connection;
use lapin::options::QueueDeclareOptions;
use lapin::types::{AMQPValue, FieldTable, LongString};

use super::broker::answer;
use crate::{Destination, Lane, QueueError, Topology};

/// What the names of this version's queues add to the prefix. The version before it had none: its
/// queues are in [`earlier_queues`].
const VERSION: &str = "v2";
/// So many deliveries no message sees: the broker counts those nobody looked at too, and the ledger
/// alone says when a job has been tried enough. Less than nothing would be shorter, but RabbitMQ 3.10
/// then drops the message at its first requeue.
const DELIVERY_LIMIT: i64 = 1_000_000_000;

/// A queue of the version before that is there.
pub(super) struct Earlier {
    pub name: String,
    /// What it is for.
    pub of: Destination,
    /// In it, when it was looked for.
    pub messages: u64,
}

/// The queue a message for `destination` goes to.
pub(super) fn queue_for(topology: &Topology, destination: Destination) -> String {
    match destination {
        Destination::Work(lane) => work_queue(topology, lane),
        Destination::Retry(lane, wanted) => {
            retry_queue(&work_queue(topology, lane), topology.delay_for(wanted))
        }
        Destination::Dead => format!("{}.dead", work_queue(topology, Lane::Normal)),
    }
}

/// The queues of the version before, the work queue first. Some of them may be there.
pub(super) fn earlier_queues(topology: &Topology) -> Vec<(String, Destination)> {
    let prefix = &topology.prefix;
    let retries = topology.delays.iter().map(|delay| {
        let retry = Destination::Retry(Lane::Normal, *delay);
        (retry_queue(prefix, *delay), retry)
    });
    [(prefix.clone(), Destination::Work(Lane::Normal))]
        .into_iter()
        .chain(retries)
        .chain([(format!("{prefix}.dead"), Destination::Dead)])
        .collect()
}

fn work_queue(topology: &Topology, lane: Lane) -> String {
    let normal = format!("{}.{VERSION}", topology.prefix);
    match lane {
        Lane::Normal => normal,
        Lane::Urgent => format!("{normal}.urgent"),
    }
}

/// A retry queue, whose messages go on to `work`.
fn retry_queue(work: &str, delay: Duration) -> String {
    if delay.subsec_nanos() == 0 {
        format!("{work}.retry.{}s", delay.as_secs())
    } else {
        format!("{work}.retry.{}ms", delay.as_millis())
    }
}

/// Declares what is missing; where messages end up before where they come from, for a dead letter
/// without a target waits where nobody sees it.
pub(super) async fn declare(
    connection: &Connection,
    topology: &Topology,
) -> Result<(), QueueError> {
    let channel = answer("a channel", connection.create_channel()).await?;
    for (name, arguments) in declarations(topology) {
        let durable = QueueDeclareOptions::durable();
        let declared = channel.queue_declare(name.as_str().into(), durable, arguments);
        answer(&name, declared).await?;
    }
    Ok(())
}

pub(super) fn declarations(topology: &Topology) -> Vec<(String, FieldTable)> {
    let dead = queue_for(topology, Destination::Dead);
    let limited = |mut arguments: FieldTable| {
        let limit = AMQPValue::LongLongInt(DELIVERY_LIMIT);
        arguments.insert("x-delivery-limit".into(), limit);
        arguments
    };
    let mut declarations = vec![(dead.clone(), limited(quorum()))];
    for lane in Lane::ALL {
        let work = work_queue(topology, lane);
        // One queue for each delay: a quorum queue expires messages at its head alone, so a long
        // delay would hold up the short ones behind it. And for each lane: a message that expires
        // goes to the one queue that its queue names.
        for delay in &topology.delays {
            let mut arguments = dead_lettering_to(&work);
            let ttl = i64::try_from(delay.as_millis()).unwrap_or(i64::MAX);
            arguments.insert("x-message-ttl".into(), AMQPValue::LongLongInt(ttl));
            declarations.push((retry_queue(&work, *delay), arguments));
        }
        declarations.push((work, limited(dead_lettering_to(&dead))));
    }
    declarations
}

fn quorum() -> FieldTable {
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), text("quorum"));
    arguments
}

/// At-least-once dead lettering: it needs the strategy, the overflow and the target together.
pub(super) fn dead_lettering_to(queue: &str) -> FieldTable {
    let mut arguments = quorum();
    for (name, value) in [
        ("x-dead-letter-exchange", ""),
        ("x-dead-letter-routing-key", queue),
        ("x-dead-letter-strategy", "at-least-once"),
        ("x-overflow", "reject-publish"),
    ] {
        arguments.insert(name.into(), text(value));
    }
    arguments
}

fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(LongString::from(value))
}

/// How many messages wait in each queue, with those of the earlier queues that are there.
pub(super) async fn lengths(
    connection: &Connection,
    topology: &Topology,
    earlier: &[Earlier],
) -> Result<Vec<(Destination, u64)>, QueueError> {
    let channel = answer("a channel", connection.create_channel()).await?;
    let mut lengths = Vec::new();
    for destination in Destination::all(&topology.delays) {
        let current = queue_for(topology, destination);
        let earlier = earlier.iter().filter(|queue| queue.of == destination);
        let mut messages = 0;
        for name in earlier.map(|queue| &queue.name).chain([&current]) {
            let passive = QueueDeclareOptions::durable().passive();
            let declared =
                channel.queue_declare(name.as_str().into(), passive, FieldTable::default());
            let queue = answer(name, declared).await?;
            messages += u64::from(queue.message_count());
        }
        lengths.push((destination, messages));
    }
    Ok(lengths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_the_documented_ones_and_targets_come_first() {
        let mut topology = Topology::default();
        topology.delays.insert(0, Duration::from_millis(250));
        let declarations = declarations(&topology);
        let names: Vec<_> = declarations.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            [
                "mega.sync.v2.dead",
                "mega.sync.v2.retry.250ms",
                "mega.sync.v2.retry.10s",
                "mega.sync.v2.retry.60s",
                "mega.sync.v2.retry.300s",
                "mega.sync.v2.retry.1800s",
                "mega.sync.v2",
                "mega.sync.v2.urgent.retry.250ms",
                "mega.sync.v2.urgent.retry.10s",
                "mega.sync.v2.urgent.retry.60s",
                "mega.sync.v2.urgent.retry.300s",
                "mega.sync.v2.urgent.retry.1800s",
                "mega.sync.v2.urgent"
            ]
        );
    }
}
