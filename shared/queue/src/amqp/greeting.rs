//! The name and version of the broker, from its greeting, which lapin does not hand on.

use futures::{AsyncReadExt as _, AsyncWriteExt as _};
use lapin::protocol::connection::AMQPMethod;
use lapin::protocol::{AMQPClass, parse_class};
use lapin::types::AMQPValue;

use super::broker::Broker;
use crate::QueueError;

/// A client of AMQP 0-9-1 begins with this.
const HEADER: &[u8] = b"AMQP\0\0\x09\x01";
/// Type, channel and size, before the payload of a frame.
const FRAME_HEADER_BYTES: usize = 7;
/// Larger than any greeting: RabbitMQ's has some 500 bytes.
const LARGEST_GREETING_BYTES: usize = 64 * 1024;

/// Name and version of a product.
pub(super) type Product = (String, String);

/// Asks the broker for its greeting, without signing in; `None` when that names no product. The
/// broker logs a client that left early.
pub(super) async fn greeting(broker: &Broker) -> Result<Option<Product>, QueueError> {
    let asked = async {
        let mut stream = broker.stream().await?;
        stream.write_all(HEADER).await?;
        stream.flush().await?;
        let mut header = [0; FRAME_HEADER_BYTES];
        stream.read_exact(&mut header).await?;
        let [_, _, _, size @ ..] = header;
        let size = u32::from_be_bytes(size) as usize;
        let mut payload = vec![0; size.min(LARGEST_GREETING_BYTES)];
        stream.read_exact(&mut payload).await?;
        Ok(product(&payload))
    };
    broker.reached(asked).await
}

fn product(payload: &[u8]) -> Option<Product> {
    let Ok((_, AMQPClass::Connection(AMQPMethod::Start(start)))) = parse_class(payload) else {
        return None;
    };
    let text = |name| match start.server_properties.inner().get(name) {
        Some(AMQPValue::LongString(text)) => Some(text.to_string()),
        _ => None,
    };
    text("product").zip(text("version"))
}
