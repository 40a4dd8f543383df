use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::Value;
use simulator::{Fault, FaultKind, Route, Selector};

use crate::client::{
    Client, EMPREENDIMENTOS, em_aberto_path, faturas_path, golden, parcelas_path, soon,
};

const CONTRATO: i64 = 11016;

fn true_body() -> Vec<u8> {
    std::fs::read(golden().join(format!("parcelas/{CONTRATO}.json"))).expect("a golden file")
}

/// The content type and body of a 200 spoilt by a fault, and that the next call is whole again.
async fn spoilt(kind: FaultKind) -> (String, Vec<u8>) {
    let client = Client::golden().await;
    let name = kind.name();
    client
        .erp
        .fault(Fault::next(1, Selector::route(Route::DadosParcelas), kind));
    let response = client.parcelas(CONTRATO).await;
    assert_eq!(response.status(), 200);
    let content_type = response.headers()["content-type"]
        .to_str()
        .expect("a text")
        .to_owned();
    let body = soon(response.bytes()).await.expect("whole HTTP").to_vec();
    assert_eq!(
        client
            .parcelas(CONTRATO)
            .await
            .bytes()
            .await
            .expect("a body"),
        true_body()
    );
    assert_eq!(
        client.erp.counters().faults.into_iter().collect::<Vec<_>>(),
        [(name.into(), 1)]
    );
    (content_type, body)
}

fn json(body: &[u8]) -> Value {
    serde_json::from_slice(body).expect("JSON")
}

#[tokio::test]
async fn a_route_is_missing_where_every_call_of_it_is_not_found() {
    let client = Client::golden().await;
    let missing = FaultKind::Status {
        code: 404,
        retry_after_seconds: None,
    };
    let route = Selector::route(Route::FaturaPagarEmAberto);
    client.erp.fault(Fault::always(route, missing));
    let (ini, fim) = ("2026-01-01", "2026-12-31");
    let open = client.get(&em_aberto_path(ini, fim)).await;
    assert_eq!(open.status(), 404);
    let all = client.get(&faturas_path(None, ini, fim)).await;
    assert_eq!(all.status(), 200);
}

#[tokio::test]
async fn a_status_may_say_when_to_come_back() {
    let client = Client::golden().await;
    let status = |code, retry_after_seconds| FaultKind::Status {
        code,
        retry_after_seconds,
    };
    let contrato = Selector::route(Route::DadosParcelas).contrato(CONTRATO);
    client
        .erp
        .fault(Fault::next(2, contrato, status(503, Some(7))));
    client.erp.fault(Fault::always(
        Selector::route(Route::Empreendimentos),
        status(403, None),
    ));
    for _ in 0..2 {
        let response = client.parcelas(CONTRATO).await;
        assert_eq!(
            (
                response.status().as_u16(),
                &response.headers()["retry-after"] == "7"
            ),
            (503, true)
        );
        assert_eq!(
            client.parcelas(11001).await.status(),
            200,
            "another contract"
        );
    }
    assert_eq!(client.parcelas(CONTRATO).await.status(), 200);
    let response = client.get(EMPREENDIMENTOS).await;
    assert_eq!(response.status(), 403);
    assert!(!response.headers().contains_key("retry-after"));
    assert_eq!(client.erp.counters().faults_served(), 3);
    client.erp.clear_faults();
    assert_eq!(client.get(EMPREENDIMENTOS).await.status(), 200);
}

#[tokio::test]
async fn an_empreendimento_can_be_chosen() {
    let client = Client::golden().await;
    let chosen = Selector::route(Route::DadosContrato).empreendimento(1400);
    client
        .erp
        .fault(Fault::always(chosen, FaultKind::EmptyList));
    let path = crate::client::contratos_path;
    assert_eq!(client.records(&path(1400)).await, Vec::<Value>::new());
    assert_eq!(
        client.get(&path(1400)).await.text().await.expect("a body"),
        "[]"
    );
    assert!(!client.records(&path(1406)).await.is_empty());
}

#[tokio::test]
async fn a_hanging_call_ends_when_the_client_gives_up() {
    let client = Client::golden().await;
    client
        .erp
        .fault(Fault::next(1, Selector::any(), FaultKind::Hang));
    let path = parcelas_path(CONTRATO);
    tokio::select! {
        answer = client.request(&path).send() => panic!("it answered: {answer:?}"),
        counters = soon(client.erp.wait_until(|c| c.faults_served() == 1)) => {
            assert_eq!(counters.in_flight, 1);
        }
    }
    soon(client.erp.wait_until(|counters| counters.in_flight == 0)).await;
}

#[tokio::test]
async fn a_truncated_body_is_shorter_than_it_says() {
    let client = Client::golden().await;
    client
        .erp
        .fault(Fault::next(1, Selector::any(), FaultKind::Truncated));
    let mut response = client.parcelas(CONTRATO).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.content_length(), Some(true_body().len() as u64));
    let mut got = 0;
    let error = loop {
        match soon(response.chunk()).await {
            Ok(Some(chunk)) => got += chunk.len(),
            Ok(None) => panic!("the body ended well after {got} bytes"),
            Err(error) => break error,
        }
    };
    assert!(error.is_body() || error.is_decode(), "{error:?}");
    assert_eq!(got, true_body().len() / 2);
}

#[tokio::test]
async fn a_connection_is_reset() {
    let client = Client::golden().await;
    client
        .erp
        .fault(Fault::next(1, Selector::any(), FaultKind::ResetConnection));
    let request = format!(
        "GET /api/{} HTTP/1.1\r\nhost: erp\r\ntenantId: {}\r\nauthorization: Bearer {}\r\n\r\n",
        parcelas_path(CONTRATO),
        client.tenant_id,
        client.token
    );
    let address = client.erp.address();
    let read = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address)?;
        stream.write_all(request.as_bytes())?;
        stream.read(&mut [0; 100])
    });
    let error = soon(read).await.expect("no panic").expect_err("no answer");
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    assert_eq!(client.parcelas(CONTRATO).await.status(), 200);
}

#[tokio::test]
async fn pages_and_texts_come_with_200() {
    let (content_type, body) = spoilt(FaultKind::HtmlPage).await;
    assert_eq!(content_type, "text/html; charset=utf-8");
    assert!(body.starts_with(b"<!DOCTYPE html>"));
    let (content_type, body) = spoilt(FaultKind::PlainText).await;
    assert_eq!(content_type, "text/plain; charset=utf-8");
    assert!(body.starts_with(b"\xef\xbb\xbf"));
}

#[tokio::test]
async fn a_wrong_shape_wraps_the_list() {
    let (content_type, body) = spoilt(FaultKind::WrongShape).await;
    assert_eq!(content_type, "application/json; charset=utf-8");
    assert_eq!(json(&body)["value"], json(&true_body()));
}

#[tokio::test]
async fn garbage_is_cut_within_a_record() {
    let (_, body) = spoilt(FaultKind::Garbage).await;
    assert!(body.len() > 100 && true_body().starts_with(&body));
    assert!(
        serde_json::from_slice::<Value>(&body)
            .expect_err("cut")
            .is_eof()
    );
}

#[tokio::test]
async fn invalid_utf8_is_the_only_thing_wrong_with_it() {
    let (_, body) = spoilt(FaultKind::InvalidUtf8).await;
    assert!(std::str::from_utf8(&body).is_err());
    assert!(json(String::from_utf8_lossy(&body).as_bytes()).is_array());
}

#[tokio::test]
async fn wrong_types_keep_the_fields() {
    let (_, body) = spoilt(FaultKind::WrongTypes).await;
    let (wrong, right) = (json(&body), json(&true_body()));
    let (wrong, right) = (
        wrong[0].as_object().expect("a record"),
        right[0].as_object().unwrap(),
    );
    assert!(wrong.keys().eq(right.keys()));
    assert!(right["vlr_pago"].is_number() && wrong["vlr_pago"].is_string());
    assert!(right["status_parcela"].is_string() && wrong["status_parcela"].is_boolean());
}

#[tokio::test]
async fn a_large_body_has_the_bytes_it_was_asked_for() {
    let (_, body) = spoilt(FaultKind::LargeBody { bytes: 3_000_000 }).await;
    assert_eq!(body.len(), 3_000_000);
    assert!(json(&body)[0]["texto"].is_string());
}

#[tokio::test]
async fn an_endless_body_ends_with_the_client() {
    let client = Client::golden().await;
    client
        .erp
        .fault(Fault::next(1, Selector::any(), FaultKind::EndlessBody));
    let mut response = client.parcelas(CONTRATO).await;
    assert_eq!(response.content_length(), None);
    let mut got = 0;
    while got < 4_000_000 {
        got += soon(response.chunk())
            .await
            .expect("more")
            .expect("more")
            .len();
    }
    assert_eq!(client.erp.counters().in_flight, 1);
    drop(response);
    soon(client.erp.wait_until(|counters| counters.in_flight == 0)).await;
}

#[tokio::test]
async fn a_slow_body_arrives_in_the_end() {
    let drip = FaultKind::SlowDrip {
        bytes: 100,
        every_milliseconds: 3,
    };
    let start = std::time::Instant::now();
    let (_, body) = spoilt(drip).await;
    assert_eq!(body, true_body());
    let pauses = (true_body().len() as u64 - 1) / 100;
    assert!(start.elapsed().as_millis() as u64 >= pauses * 3);
}

#[tokio::test]
async fn an_empty_answer_is_spoilt_too() {
    let client = Client::golden().await;
    assert_eq!(client.parcelas(1).await.status(), 204);
    client
        .erp
        .fault(Fault::always(Selector::any(), FaultKind::WrongShape));
    let response = client.parcelas(1).await;
    assert_eq!(response.status(), 200);
    assert!(json(&response.bytes().await.expect("a body"))["value"].is_array());
}

#[tokio::test]
async fn a_share_of_the_calls_fails() {
    let client = Client::golden().await;
    let overloaded = FaultKind::Status {
        code: 500,
        retry_after_seconds: None,
    };
    client
        .erp
        .fault(Fault::share(0.5, Selector::any(), overloaded));
    let mut failed = 0;
    for _ in 0..60 {
        failed += u64::from(client.parcelas(CONTRATO).await.status() == 500);
    }
    assert!((10..=50).contains(&failed), "{failed} of 60");
    assert_eq!(client.erp.counters().faults_served(), failed);
}
