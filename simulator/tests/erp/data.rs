use std::collections::BTreeSet;
use std::io::Read;

use chrono::NaiveDate;
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use simulator::{Config, Route, Simulator, StartError};

use crate::client::{
    Client, EMPREENDIMENTOS, contratos_path, em_aberto_path, faturas_path, golden, http,
    parcelas_path,
};

fn recorded(file: &str) -> Vec<Value> {
    let bytes = std::fs::read(golden().join(file)).expect("a golden file");
    serde_json::from_slice(&bytes).expect("a list")
}

fn recorded_faturas() -> Vec<Value> {
    let lines = std::fs::read_to_string(golden().join("faturas.jsonl")).expect("a golden file");
    lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("a row"))
        .collect()
}

fn is_due(row: &Value, ini: NaiveDate, fim: NaiveDate) -> bool {
    let due = row["DataVencimento"].as_str().expect("a date");
    let due = NaiveDate::parse_from_str(due, "%d/%m/%Y").expect("a date");
    (ini..=fim).contains(&due)
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

#[tokio::test]
async fn a_folder_is_served_as_it_is() {
    let client = Client::golden().await;
    assert_eq!(
        client.records(EMPREENDIMENTOS).await,
        recorded("empreendimentos.json")
    );
    for (folder, path) in [
        ("contratos", contratos_path as fn(i64) -> String),
        ("parcelas", parcelas_path),
    ] {
        let files = std::fs::read_dir(golden().join(folder)).expect("a folder");
        for file in files.map(|entry| entry.expect("a file").file_name()) {
            let name = file.to_str().expect("a name");
            let number = name.trim_end_matches(".json").parse().expect("a number");
            let served = client.records(&path(number)).await;
            assert_eq!(
                served,
                recorded(&format!("{folder}/{name}")),
                "{folder}/{name}"
            );
        }
    }
}

#[tokio::test]
async fn zero_lists_the_contracts_of_all() {
    let client = Client::golden().await;
    let mut each = Vec::new();
    for empreendimento in client.records(EMPREENDIMENTOS).await {
        let codigo = &empreendimento["codigo"];
        assert!(codigo.is_f64(), "integers come as floats: {codigo}");
        each.extend(
            client
                .records(&contratos_path(codigo.as_f64().unwrap() as i64))
                .await,
        );
    }
    assert_eq!(client.records(&contratos_path(0)).await, each);
}

#[tokio::test]
async fn what_is_unknown_is_empty() {
    let client = Client::golden().await;
    assert_eq!(client.get(&contratos_path(999)).await.status(), 204);
    assert_eq!(client.parcelas(999).await.status(), 204);
    let nobody = faturas_path(Some(5), "2026-01-01", "2026-11-22");
    assert_eq!(client.get(&nobody).await.status(), 204);
    assert_eq!(
        client
            .get("Carteira/DadosParcelas/IdContrato=x")
            .await
            .status(),
        400
    );
    assert_eq!(
        client.get("Carteira/DadosParcelas/11001").await.status(),
        400
    );
}

#[tokio::test]
async fn payables_are_filtered_by_due_date_and_filial() {
    let client = Client::golden().await;
    let (ini, fim) = ("2024-12-01", "2026-11-22");
    let mut due = recorded_faturas();
    due.retain(|row| is_due(row, day(ini), day(fim)));
    assert_eq!(client.records(&faturas_path(None, ini, fim)).await, due);
    let mut served = 0;
    for filial in [100, 107, 9999] {
        let rows = client.records(&faturas_path(Some(filial), ini, fim)).await;
        assert!(!rows.is_empty() && rows.iter().all(|row| row["Filial"]["Id"] == filial));
        served += rows.len();
    }
    assert_eq!(served, due.len());
    let identities: BTreeSet<String> = due.iter().map(Value::to_string).collect();
    assert!(identities.len() < due.len(), "some rows are repeated");
}

#[tokio::test]
async fn payables_that_are_still_open_are_a_list_of_their_own() {
    let client = Client::golden().await;
    let (ini, fim) = ("2024-12-01", "2026-11-22");
    let mut open = recorded_faturas();
    open.retain(|row| is_due(row, day(ini), day(fim)));
    let due = open.len();
    open.retain(|row| row["SaldoAtual"].as_f64() > Some(0.0));
    assert!(!open.is_empty() && open.len() < due);
    assert_eq!(client.records(&em_aberto_path(ini, fim)).await, open);
    let counters = client.erp.counters();
    assert_eq!(counters.calls_of(Route::FaturaPagarEmAberto), 1);
    assert_eq!(counters.calls_of(Route::FaturaPagar), 0);

    let row = |saldo: Value| json!({"DataVencimento": "10/02/2026", "SaldoAtual": saldo});
    let balances = [json!("1.234,56"), json!("?"), json!(null), json!(0.01)];
    let settled = [json!("0,00"), json!("-1,00"), json!(0), json!(-5.0)];
    let open = balances.map(row);
    client
        .erp
        .override_faturas(&[&open[..], &settled.map(row)].concat());
    assert_eq!(client.records(&em_aberto_path(ini, fim)).await, open);
    let refused = em_aberto_path("2024-11-22", "2026-11-23");
    assert_eq!(client.get(&refused).await.status(), 400);
}

#[tokio::test]
async fn a_period_over_two_years_is_refused() {
    let client = Client::golden().await;
    let status = async |ini: &str, fim: &str, filial| {
        client
            .get(&faturas_path(filial, ini, fim))
            .await
            .status()
            .as_u16()
    };
    assert_eq!(status("2024-11-22", "2026-11-22", None).await, 200);
    assert_eq!(status("2024-11-22", "2026-11-23", None).await, 400);
    assert_eq!(status("2024-11-22", "2026-11-23", Some(100)).await, 400);
    assert_eq!(status("2026-11-22", "2026-11-21", None).await, 400);
    assert_eq!(status("22-11-2026", "2026-11-22", None).await, 400);
}

#[tokio::test]
async fn bodies_are_compressed_where_that_is_accepted() {
    let path = parcelas_path(11001);
    let plain = std::fs::read(golden().join("parcelas/11001.json")).expect("a golden file");
    for (setting, accept, is_compressed) in [
        (true, "gzip", true),
        (true, "identity", false),
        (false, "gzip", false),
    ] {
        let mut client = Client::start(Config {
            gzip: setting,
            ..Config::folder(golden())
        })
        .await;
        client.http = http(|builder| builder.no_gzip());
        let request = client.request(&path).header("accept-encoding", accept);
        let response = request.send().await.expect("an answer");
        assert_eq!(
            response.headers().contains_key("content-encoding"),
            is_compressed
        );
        let body = response.bytes().await.expect("a body");
        let mut text = Vec::new();
        if is_compressed {
            assert!(body.len() < plain.len() / 4);
            GzDecoder::new(&body[..])
                .read_to_end(&mut text)
                .expect("gzip");
        } else {
            text.extend(body);
        }
        assert!(text == plain, "{setting} {accept}");
    }
}

#[tokio::test]
async fn a_second_state_lies_over_the_first() {
    let client = Client::golden().await;
    let all = client.records(&contratos_path(0)).await.len();
    let of_1400 = client.records(&contratos_path(1400)).await;
    client
        .erp
        .override_parcelas(11001, json!([{"cod_contrato": 11001, "cod_parcela": 1}]));
    client.erp.override_contratos(1400, json!(of_1400[1..]));
    client.erp.override_contratos(1403, json!([]));
    client
        .erp
        .override_empreendimentos(json!([{"codigo": 1400.0}]));
    let row = |due: &str, filial| json!({"Filial": {"Id": filial}, "DataVencimento": due});
    let rows = [row("10/02/2026", 7), row("10/02/2028", 7), row("soon", 8)];
    client.erp.override_faturas(&rows);

    assert_eq!(
        client.records(&parcelas_path(11001)).await[0]["cod_parcela"],
        1
    );
    assert_eq!(client.records(&contratos_path(1400)).await, of_1400[1..]);
    assert_eq!(client.get(&contratos_path(1403)).await.status(), 204);
    assert_eq!(client.records(&contratos_path(0)).await.len(), all - 1 - 7);
    assert_eq!(client.records(EMPREENDIMENTOS).await.len(), 1);
    let due = client
        .records(&faturas_path(None, "2026-01-01", "2026-12-31"))
        .await;
    assert_eq!(due, [row("10/02/2026", 7), row("soon", 8)]);
    let due = client
        .records(&faturas_path(Some(7), "2026-01-01", "2026-12-31"))
        .await;
    assert_eq!(due, [row("10/02/2026", 7)]);

    client.erp.clear_overrides();
    assert_eq!(client.records(&contratos_path(0)).await.len(), all);
    assert_eq!(
        client.records(&parcelas_path(11001)).await,
        recorded("parcelas/11001.json")
    );
}

#[tokio::test]
async fn a_folder_without_a_catalogue_is_refused() {
    let empty = tempfile::tempdir().expect("a folder");
    let started = Simulator::start(Config::folder(empty.path())).await;
    assert!(matches!(started.err(), Some(StartError::Folder { .. })));
}
