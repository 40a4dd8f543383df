use reqwest::Method;
use serde_json::{Value, json};
use simulator::Route;

use crate::client::{Client, EMPREENDIMENTOS, contratos_path, faturas_path, parcelas_path, soon};

impl Client {
    async fn control(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let url = format!("{}/control/{path}", self.erp.url());
        let request = self.http.request(method, url);
        let request = if body.is_null() {
            request
        } else {
            request.json(&body)
        };
        let response = soon(request.send()).await.expect("an answer");
        (
            response.status().as_u16(),
            response.json().await.unwrap_or_default(),
        )
    }

    async fn set(&self, path: &str, body: Value) {
        assert_eq!(
            self.control(Method::POST, path, body).await,
            (204, Value::Null),
            "{path}"
        );
    }

    async fn unset(&self, path: &str) {
        assert_eq!(
            self.control(Method::DELETE, path, Value::Null).await.0,
            204,
            "{path}"
        );
    }

    async fn counters_over_http(&self) -> Value {
        self.control(Method::GET, "counters", Value::Null).await.1
    }
}

#[tokio::test]
async fn faults_are_added_listed_and_removed() {
    let client = Client::golden().await;
    let faults = json!([
        {"selector": {"route": "DadosParcelas", "contrato": 11001}, "extent": {"next": 1},
         "kind": {"status": {"code": 429, "retry_after_seconds": 3}}},
        {"selector": {"route": "Empreendimentos"}, "kind": "html_page"},
    ]);
    client.set("faults", faults).await;
    let (_, listed) = client.control(Method::GET, "faults", Value::Null).await;
    assert_eq!(listed[1]["extent"], "always");
    let response = client.parcelas(11001).await;
    assert_eq!(
        (
            response.status().as_u16(),
            &response.headers()["retry-after"] == "3"
        ),
        (429, true)
    );
    assert_eq!(client.parcelas(11001).await.status(), 200);
    let page = client.get(EMPREENDIMENTOS).await;
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    client.unset("faults").await;
    assert!(!client.records(EMPREENDIMENTOS).await.is_empty());
    let counters = client.counters_over_http().await;
    assert_eq!(counters["faults"], json!({"status": 1, "html_page": 1}));
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_and_changes_nothing() {
    let client = Client::golden().await;
    for (path, body) in [
        ("faults", json!([{"kind": "no such kind"}])),
        (
            "faults",
            json!([{"kind": "hang", "extent": {"share": 1.5}}]),
        ),
        ("faults", json!([{"kind": {"status": {"code": 99}}}])),
        (
            "faults",
            json!([{"kind": "hang", "selector": {"contract": 1}}]),
        ),
        ("latency", json!({"base_seconds": -1.0})),
        ("slowness", json!({"times": 0.0})),
        ("gate", json!({"route": "Nowhere"})),
        ("data", json!({"parcela": {}})),
        (
            "lies",
            json!([{"about": "nothing", "edit": {"keep_first": 1}}]),
        ),
        (
            "lies",
            json!([{"about": "faturas", "edit": {"omit_share": 2}}]),
        ),
        (
            "lies",
            json!([{"about": "faturas", "edit": {"add_contratos": {"of": 0}}}]),
        ),
        ("tokens", json!({"lifetime": 1})),
    ] {
        let (status, _) = client.control(Method::POST, path, body.clone()).await;
        assert_eq!(status, 422, "{path} {body}");
    }
    assert_eq!(client.parcelas(11001).await.status(), 200);
}

#[tokio::test]
async fn tokens_and_sign_in_are_switched() {
    let client = Client::golden().await;
    client.set("tokens", json!({"void_access": true})).await;
    assert_eq!(client.get(EMPREENDIMENTOS).await.status(), 401);
    client
        .set("tokens", json!({"lifetime_seconds": 0, "void_all": true}))
        .await;
    let mut client = client;
    let tokens = client.sign_in("demo", "demo").await;
    client.token = crate::client::text_of(&tokens, "accessToken");
    assert_eq!(client.get(EMPREENDIMENTOS).await.status(), 401);
    client.set("sign-in", json!({"refuse": true})).await;
    for _ in 0..5 {
        assert!(client.sign_in("demo", "demo").await.is_null());
    }
    client.set("sign-in", json!({"refuse": false})).await;
    assert!(
        client.sign_in("demo", "demo").await.is_null(),
        "the account is locked"
    );
    client.set("sign-in", json!({"unlock": true})).await;
    assert!(client.sign_in("demo", "demo").await.is_object());
    let counters = client.counters_over_http().await;
    assert_eq!(counters["sign_ins_refused"], 6);
    assert_eq!(counters["unauthorized"], 2);
}

#[tokio::test]
async fn data_is_changed_and_restored() {
    let client = Client::golden().await;
    let before = client.records(&parcelas_path(11001)).await;
    let due = json!({"Filial": {"Id": 1}, "DataVencimento": "01/02/2026"});
    let changes = json!({
        "parcelas": {"11001": [{"cod_parcela": 5}]},
        "contratos": {"1400": [{"cod_contrato": 11001, "cod_empreendimento": 1400}]},
        "faturas": [due],
    });
    client.set("data", changes).await;
    assert_eq!(
        client.records(&parcelas_path(11001)).await,
        [json!({"cod_parcela": 5})]
    );
    assert_eq!(client.records(&contratos_path(1400)).await.len(), 1);
    assert_eq!(
        client
            .records(&faturas_path(None, "2026-01-01", "2026-12-31"))
            .await,
        [due]
    );
    client
        .set("data", json!({"clear": true, "empreendimentos": []}))
        .await;
    assert_eq!(client.records(&parcelas_path(11001)).await, before);
    assert_eq!(client.get(EMPREENDIMENTOS).await.status(), 204);
}

#[tokio::test]
async fn a_gate_and_a_wait_work_from_outside() {
    let client = Client::golden().await;
    client
        .set("gate", json!({"route": "DadosParcelas", "contrato": 11001}))
        .await;
    let observe = async {
        let path = "wait?route=DadosParcelas&calls=1";
        let (status, counters) = client.control(Method::GET, path, Value::Null).await;
        assert_eq!(
            (status, &counters["calls"]["DadosParcelas"]),
            (200, &json!(1))
        );
        soon(client.erp.wait_until(|counters| counters.at_gate == 1)).await;
        client.unset("gate").await;
    };
    let (response, ()) = tokio::join!(client.parcelas(11001), observe);
    assert_eq!(response.status(), 200);
    let path = "wait?route=DadosContrato&calls=1&timeout_seconds=0";
    assert_eq!(client.control(Method::GET, path, Value::Null).await.0, 408);
}

#[tokio::test]
async fn counters_and_latency_are_set() {
    let client = Client::golden().await;
    client.parcelas(11001).await;
    assert_eq!(
        client.counters_over_http().await["parcelas_calls"],
        json!({"11001": 1})
    );
    client.set("counters/reset", Value::Null).await;
    assert_eq!(client.erp.counters().calls_of(Route::DadosParcelas), 0);
    client.set("latency", json!({"base_seconds": 0.1})).await;
    let start = std::time::Instant::now();
    client.parcelas(11001).await;
    assert!(start.elapsed().as_millis() >= 100);
}

#[tokio::test]
async fn lies_are_told_listed_and_forgotten() {
    let client = Client::golden().await;
    let before = client.records(&parcelas_path(11001)).await;
    let lies = json!([
        {"about": {"parcelas": 11001}, "edit": {"keep_first": 1}},
        {"about": {"parcelas_of_empreendimento": 1400}, "edit": {"repeat": {"times": 2}}},
        {"about": {"contratos": 1400}, "edit": {"set": {"field": "data_assinatura", "value": null}}},
    ]);
    client.set("lies", lies).await;
    let (_, told) = client.control(Method::GET, "lies", Value::Null).await;
    assert_eq!(told[0]["edit"], json!({"keep_first": 1}));
    let twice = [before[0].clone(), before[0].clone()];
    assert_eq!(client.records(&parcelas_path(11001)).await, twice);
    assert!(client.records(&contratos_path(1400)).await[0]["data_assinatura"].is_null());
    client.unset("lies").await;
    assert_eq!(client.records(&parcelas_path(11001)).await, before);
}
