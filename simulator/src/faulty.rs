//! The answers of the faults.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONTENT_LENGTH, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::stream::{self, Stream, StreamExt};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::connection::ResetSwitch;
use crate::counters::InFlight;
use crate::faults::FaultKind;
use crate::reply;

/// Stands in for the true body where that is empty: a fault must have something to spoil.
const STAND_IN: &[u8] = br#"[{"cod_contrato": 1, "nome": "REGISTRO"}]"#;

const CHUNK: usize = 64 * 1024;

/// A call that goes wrong.
pub(crate) struct FaultyCall {
    /// The body that it would have got.
    pub body: Option<Vec<u8>>,
    /// Kept for as long as the answer is being sent.
    pub in_flight: InFlight,
    pub connection: ResetSwitch,
    /// Ends what would go on for ever.
    pub stopping: CancellationToken,
}

pub(crate) async fn serve(kind: FaultKind, call: FaultyCall) -> Response {
    match kind {
        FaultKind::Status {
            code,
            retry_after_seconds,
        } => status(code, retry_after_seconds),
        FaultKind::Hang => {
            call.stopping.cancelled().await;
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
        FaultKind::HtmlPage => reply::ok(reply::HTML, HTML_PAGE),
        FaultKind::PlainText => reply::refusal("Ocorreu um erro ao processar a requisição."),
        FaultKind::EmptyList => reply::ok(reply::JSON, "[]"),
        FaultKind::ResetConnection => {
            call.connection.reset();
            StatusCode::OK.into_response()
        }
        FaultKind::EndlessBody => endless(call),
        FaultKind::LargeBody { bytes } => large(bytes, call),
        FaultKind::GzipBomb { bytes } => gzip_bomb(bytes),
        FaultKind::Truncated => truncated(call),
        FaultKind::SlowDrip {
            bytes,
            every_milliseconds,
        } => slow_drip(bytes, Duration::from_millis(every_milliseconds), call),
        FaultKind::WrongShape => reply::ok(reply::JSON, wrong_shape(&call.text())),
        FaultKind::Garbage => reply::ok(reply::JSON, cut(call.text())),
        FaultKind::InvalidUtf8 => reply::ok(reply::JSON, invalid_utf8(call.text())),
        FaultKind::WrongTypes => reply::ok(reply::JSON, wrong_types(&call.text())),
    }
}

const HTML_PAGE: &str = "<!DOCTYPE html><html><head><title>Service Unavailable</title></head>\
    <body><h2>Our services aren't available right now</h2></body></html>";

impl FaultyCall {
    fn text(&self) -> Vec<u8> {
        self.body.clone().unwrap_or_else(|| STAND_IN.to_vec())
    }

    /// A body that counts as in flight until it is sent or the client is gone.
    fn stream<E: Into<axum::BoxError> + 'static>(
        self,
        chunks: impl Stream<Item = Result<Bytes, E>> + Send + 'static,
    ) -> Body {
        let Self {
            in_flight,
            stopping,
            ..
        } = self;
        let chunks = chunks.map(move |chunk| {
            let _sending = &in_flight;
            chunk
        });
        Body::from_stream(chunks.take_until(stopping.cancelled_owned()))
    }
}

fn status(code: u16, retry_after_seconds: Option<u64>) -> Response {
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = reply::error(status, "falha simulada");
    if let Some(seconds) = retry_after_seconds {
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn endless(call: FaultyCall) -> Response {
    let record = br#"{"cod_contrato": 1, "cod_parcela": 1, "status_parcela": "Ativo"},"#;
    let records = Bytes::from(record.repeat(CHUNK / record.len()));
    let opening = stream::iter([Bytes::from_static(b"[")]);
    let chunks = opening
        .chain(stream::repeat(records))
        .map(Ok::<_, Infallible>);
    reply::ok(reply::JSON, call.stream(chunks))
}

fn large(bytes: u64, call: FaultyCall) -> Response {
    let (opening, closing) = (r#"[{"texto": ""#, r#""}]"#);
    let filling = bytes.saturating_sub((opening.len() + closing.len()) as u64);
    let block = Bytes::from(vec![b'x'; CHUNK]);
    let blocks = stream::unfold(filling, move |left| {
        let take = left.min(CHUNK as u64);
        let chunk = block.slice(..take as usize);
        async move { (take > 0).then_some((chunk, left - take)) }
    });
    let framed = stream::iter([Bytes::from(opening)])
        .chain(blocks)
        .chain(stream::iter([Bytes::from(closing)]))
        .map(Ok::<_, Infallible>);
    let length = filling + (opening.len() + closing.len()) as u64;
    with_length(length, call.stream(framed))
}

fn gzip_bomb(bytes: usize) -> Response {
    let text = "x".repeat(bytes.saturating_sub(r#"[{"texto": ""}]"#.len()));
    let body = format!(r#"[{{"texto": "{text}"}}]"#);
    reply::list(Some(body.into_bytes()), true)
}

fn truncated(call: FaultyCall) -> Response {
    let body = Bytes::from(call.text());
    let half = body.slice(..body.len() / 2);
    let broken = stream::once(async {
        // Lets the server flush the half before the error makes it drop the connection.
        tokio::task::yield_now().await;
        Err(io::Error::from(io::ErrorKind::BrokenPipe))
    });
    let chunks = stream::iter([Ok(half)]).chain(broken);
    with_length(body.len() as u64, call.stream(chunks))
}

fn with_length(length: u64, body: Body) -> Response {
    let mut response = reply::ok(reply::JSON, body);
    response
        .headers_mut()
        .insert(CONTENT_LENGTH, HeaderValue::from(length));
    response
}

fn slow_drip(bytes: usize, pause: Duration, call: FaultyCall) -> Response {
    let rest = Bytes::from(call.text());
    let drops = stream::unfold((rest, false), move |(mut rest, started)| async move {
        if rest.is_empty() {
            return None;
        }
        if started {
            tokio::time::sleep(pause).await;
        }
        let drop = rest.split_to(bytes.clamp(1, rest.len()));
        Some((Ok::<_, Infallible>(drop), (rest, true)))
    });
    reply::ok(reply::JSON, call.stream(drops))
}

fn wrong_shape(body: &[u8]) -> Vec<u8> {
    [br#"{"value": "#, body, b"}"].concat()
}

/// Ends in the middle of the last record.
fn cut(mut body: Vec<u8>) -> Vec<u8> {
    let last = body.iter().rposition(|byte| *byte == b'{').unwrap_or(0);
    body.truncate(last + (body.len() - last) / 2);
    body
}

fn invalid_utf8(mut body: Vec<u8>) -> Vec<u8> {
    // Right after an opening quote: inside a key or a text, where only UTF-8 is wrong with it.
    let inside = body
        .iter()
        .position(|byte| *byte == b'"')
        .map_or(0, |quote| quote + 1);
    body.splice(inside..inside, [0xc3, 0x28, 0xff]);
    body
}

fn wrong_types(body: &[u8]) -> Vec<u8> {
    let list = serde_json::from_slice(body).unwrap_or_else(|_| json!([{"cod_contrato": 1}]));
    mistyped(list).to_string().into_bytes()
}

fn mistyped(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(mistyped).collect(),
        Value::Object(fields) => fields.into_iter().map(|(k, v)| (k, mistyped(v))).collect(),
        Value::Number(_) => json!("não é número"),
        Value::String(_) => json!(true),
        other => other,
    }
}
