//! What the broker's answers mean. No I/O.

use queue::amqp::{Diagnosis, QueueState};
use queue::{ATTEMPT_DEADLINE, Depths, QueueError};

use super::check::Check;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::program::Program;
use crate::text::{list, printable};

pub(super) const BROKER: &str = "broker";
const QUEUES: &str = "queues";
const DEAD_LETTERING: &str = "dead-lettering";
const CONSUMER_TIMEOUT: &str = "consumer timeout";
const DEPTH: &str = "queue depth";
const DEAD: &str = "dead queue";
const EARLIER: &str = "earlier queues";

pub(super) fn in_process() -> Check {
    Check::skipped(BROKER, "the queue is in the process, and ends with it")
}

pub(super) fn unreachable(error: QueueError) -> Check {
    let advice = match &error {
        QueueError::Away(_) => "check that it runs, and host and port of AMQP_URL",
        _ => {
            "check user, password and virtual host of AMQP_URL, and that the user may configure, \
             write and read"
        }
    };
    Check::failed(BROKER, error, advice)
}

/// The checks of a broker that answers.
pub(super) fn checks(diagnosis: &Diagnosis, program: Program) -> Vec<Check> {
    let mut checks = vec![
        version(diagnosis.product.as_ref()),
        queues(&diagnosis.queues),
        dead_lettering(diagnosis),
        consumer_timeout(),
    ];
    checks.extend(match diagnosis.depths {
        Some(depths) => depth(depths, program),
        None => vec![Check::skipped(DEPTH, "a queue is missing")],
    });
    checks.extend(earlier(&diagnosis.earlier));
    checks
}

fn version(product: Option<&(String, String)>) -> Check {
    let advice = "use RabbitMQ 3.10 to 4.x";
    let Some((product, version)) = product else {
        return Check::warning(BROKER, "it answers without its version", advice);
    };
    let found = printable(&format!("{product} {version}"));
    let mut numbers = version.split('.').map(|number| number.parse().ok());
    let numbers: (Option<u32>, Option<u32>) = (numbers.next().flatten(), numbers.next().flatten());
    let known = match numbers {
        (Some(3), Some(minor)) => minor >= 10,
        (Some(major), _) => major == 4,
        _ => false,
    };
    match known && product == "RabbitMQ" {
        true => Check::ok(BROKER, found),
        false => Check::warning(BROKER, found, advice),
    }
}

fn queues(queues: &[(String, QueueState)]) -> Check {
    let mut different = Vec::new();
    let mut missing = Vec::new();
    for (name, state) in queues {
        match state {
            QueueState::Declared => {}
            QueueState::Missing => missing.push(name.as_str()),
            QueueState::Different(why) => different.push(printable(why)),
        }
    }
    if !different.is_empty() {
        let advice = "every program is refused; delete each of them once it is empty, or set \
                      another MEGA_SYNC_QUEUE";
        return Check::problem(QUEUES, Exit::Other, different.join("\n"), advice);
    }
    if !missing.is_empty() {
        let found = format!("not there: {}", list(missing));
        let advice = "the next program that connects declares them; if they were deleted, resume \
                      publishes their messages again";
        return Check::warning(QUEUES, found, advice);
    }
    let found = format!(
        "all {} there, with the arguments of this build",
        queues.len()
    );
    Check::ok(QUEUES, found)
}

fn dead_lettering(diagnosis: &Diagnosis) -> Check {
    match &diagnosis.dead_lettering {
        Ok(took) => Check::ok(
            DEAD_LETTERING,
            format!(
                "a message that expired in a test queue reached its target {} ms later",
                took.as_millis()
            ),
        ),
        Err(error) => Check::problem(
            DEAD_LETTERING,
            CommandError::from(error.clone()).exit(),
            format!("test failed: {}", printable(&error.to_string())),
            "retries would wait for ever; check that the user may configure, write and read \
             queues that begin with MEGA_SYNC_QUEUE, and the broker's memory and disk",
        ),
    }
}

fn consumer_timeout() -> Check {
    let deadline = ATTEMPT_DEADLINE.as_secs() / 60;
    let why = format!(
        "not visible over AMQP; it must be longer than MEGA_SYNC_ATTEMPT_DEADLINE \
         ({deadline} min unless set; RabbitMQ's default: 30 min)"
    );
    Check::skipped(CONSUMER_TIMEOUT, why)
        .with_advice("on the broker's machine: rabbitmqctl environment | grep consumer_timeout")
}

fn depth(depths: Depths, program: Program) -> Vec<Check> {
    let Depths {
        ready,
        delayed,
        dead,
    } = depths;
    let waiting = format!("{ready} ready for a worker, {delayed} delayed");
    let dead = match dead {
        0 => Check::ok(DEAD, "empty"),
        _ => Check::warning(
            DEAD,
            format!("{dead} failed messages, each with its reason"),
            format!(
                "{} failed shows causes, and requeue uses the ledger; then: rabbitmqctl \
                 purge_queue",
                program.name()
            ),
        ),
    };
    vec![Check::ok(DEPTH, waiting), dead]
}

/// Queues of the version before, whose open jobs the workers move.
fn earlier(queues: &[(String, u64)]) -> Option<Check> {
    if queues.is_empty() {
        return None;
    }
    let held: Vec<_> = queues
        .iter()
        .filter(|(_, messages)| *messages > 0)
        .map(|(name, messages)| format!("{name} holds {messages}"))
        .collect();
    let names: Vec<_> = queues.iter().map(|(name, _)| name.as_str()).collect();
    let names = names.join(" ");
    Some(match held.is_empty() {
        true => Check::warning(
            EARLIER,
            format!("of an earlier version, empty: {names}"),
            "once no program of that version runs, delete each of them: rabbitmqctl \
             delete_queue NAME",
        ),
        false => Check::warning(
            EARLIER,
            list(held),
            "a running worker moves open jobs; dead messages are in the ledger too, so purge \
             them: rabbitmqctl purge_queue NAME",
        ),
    })
}

#[cfg(test)]
mod tests;
