//! An envelope as AMQP carries it.
//!
//! Headers are written anew on every publish, so the broker's `x-death` never travels on: its
//! counts differ by version, and a republished one would make the broker see a cycle.

use lapin::BasicProperties;
use lapin::message::Delivery;
use lapin::types::{AMQPValue, FieldTable, LongString};

use crate::Envelope;

const ATTEMPT: &str = "x-attempt";
const REASON: &str = "x-reason";
/// The ledger has the whole reason; the header is for whoever looks at the queue.
const LONGEST_REASON_BYTES: usize = 1024;
/// AMQP's delivery mode of what outlives a restart of the broker.
const PERSISTENT: u8 = 2;

/// What travels beside the body.
pub(super) fn properties(message: &Envelope) -> BasicProperties {
    let mut headers = FieldTable::default();
    headers.insert(ATTEMPT.into(), AMQPValue::LongUInt(message.attempt));
    if let Some(reason) = &message.reason {
        let cut = &reason[..reason.floor_char_boundary(LONGEST_REASON_BYTES)];
        let text = AMQPValue::LongString(LongString::from(cut));
        headers.insert(REASON.into(), text);
    }
    BasicProperties::default()
        .with_delivery_mode(PERSISTENT)
        .with_headers(headers)
}

/// The envelope of a delivery. Headers that are not ours count as none.
pub(super) fn envelope(delivery: &mut Delivery) -> Envelope {
    let headers = delivery.properties.headers().as_ref();
    let header = |name| headers.and_then(|headers| headers.inner().get(name));
    let attempt = header(ATTEMPT)
        .and_then(AMQPValue::as_long_uint)
        .unwrap_or_default();
    let reason = header(REASON)
        .and_then(AMQPValue::as_long_string)
        .map(|text| String::from_utf8_lossy(text.as_bytes()).into_owned());
    Envelope {
        attempt,
        reason,
        body: std::mem::take(&mut delivery.data),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn travelled(reason: &str) -> Envelope {
        let sent = Envelope {
            body: b"body".to_vec(),
            attempt: u32::MAX,
            reason: Some(reason.to_owned()),
        };
        let mut delivery = Delivery::mock(1, "".into(), "".into(), false, sent.body.clone());
        delivery.properties = properties(&sent);
        envelope(&mut delivery)
    }

    #[test]
    fn a_long_reason_is_cut_between_characters() {
        let cut = travelled(&"ção".repeat(500)).reason.unwrap();
        assert!((1020..=1024).contains(&cut.len()), "{}", cut.len());
        assert!("ção".repeat(500).starts_with(&cut));
    }

    #[test]
    fn headers_that_are_not_ours_count_as_none() {
        let mut delivery = Delivery::mock(1, "".into(), "".into(), false, Vec::new());
        let mut headers = FieldTable::default();
        headers.insert(ATTEMPT.into(), AMQPValue::LongLongInt(-1));
        headers.insert(REASON.into(), AMQPValue::Boolean(true));
        delivery.properties = BasicProperties::default().with_headers(headers);
        let envelope = envelope(&mut delivery);
        assert_eq!((envelope.attempt, envelope.reason), (0, None));
    }
}
