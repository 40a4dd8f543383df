use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde_json::Value;
use simulator::{Config, Seeded, Simulator, StartError};

use crate::client::{Client, EMPREENDIMENTOS, contratos_path, faturas_path, golden, parcelas_path};

const TODAY: &str = "2026-11-23";

fn small() -> Seeded {
    Seeded {
        seed: 7,
        contratos: 121,
        parcelas_per_contrato: 40,
        faturas: 2_000,
        today: TODAY.parse().expect("a day"),
        ..Seeded::default()
    }
}

async fn client(seeded: Seeded) -> Client {
    Client::start(Config::seeded(seeded)).await
}

async fn all_parcelas(client: &Client) -> Vec<Value> {
    let mut parcelas = Vec::new();
    for contrato in 11_001..=11_121 {
        parcelas.extend(client.records(&parcelas_path(contrato)).await);
    }
    parcelas
}

async fn all_faturas(client: &Client) -> Vec<Value> {
    let mut rows = client
        .records(&faturas_path(None, "2024-01-01", "2025-12-31"))
        .await;
    rows.extend(
        client
            .records(&faturas_path(None, "2026-01-01", "2027-12-31"))
            .await,
    );
    rows
}

fn values<'a>(records: &'a [Value], key: &str) -> BTreeSet<&'a str> {
    records
        .iter()
        .filter_map(|record| record[key].as_str())
        .collect()
}

fn day(value: &Value) -> Option<NaiveDate> {
    value
        .as_str()
        .map(|text| NaiveDate::parse_from_str(text, "%d/%m/%Y").expect("a date"))
}

/// The fields of a record, and of the records inside it.
fn fields(record: &Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (name, value) in record.as_object().expect("a record") {
        let inner = if value.is_object() {
            fields(value)
        } else {
            BTreeSet::new()
        };
        names.extend(inner.iter().map(|inner| format!("{name}.{inner}")));
        names.insert(name.clone());
    }
    names
}

#[tokio::test]
async fn the_same_seed_gives_the_same_bytes() {
    let others = [small(), Seeded { seed: 8, ..small() }];
    let paths = [
        EMPREENDIMENTOS.to_owned(),
        contratos_path(0),
        parcelas_path(11_003),
        faturas_path(None, "2026-01-01", "2026-12-31"),
    ];
    let mut bodies = Vec::new();
    for seeded in [small()].into_iter().chain(others) {
        let client = client(seeded).await;
        let mut all = Vec::new();
        for path in &paths {
            all.push(client.get(path).await.bytes().await.expect("a body"));
        }
        bodies.push(all);
    }
    assert!(bodies[0] == bodies[1]);
    for (index, path) in paths.iter().enumerate() {
        assert!(bodies[0][index] != bodies[2][index], "{path}");
    }
}

#[tokio::test]
async fn records_have_the_fields_of_the_recorded_ones() {
    let (seeded, golden) = (
        client(small()).await,
        Client::start(Config::folder(golden())).await,
    );
    let faturas = faturas_path(None, "2026-01-01", "2026-12-31");
    for path in [
        contratos_path(0),
        parcelas_path(11_003),
        faturas,
        EMPREENDIMENTOS.to_owned(),
    ] {
        let recorded = golden.records(&path).await;
        for record in seeded.records(&path).await {
            let mut fields = fields(&record);
            if path == EMPREENDIMENTOS {
                fields.remove("status");
            }
            assert_eq!(fields, self::fields(&recorded[0]), "{path}");
        }
    }
}

#[tokio::test]
async fn the_sizes_are_those_asked_for() {
    let client = client(small()).await;
    let empreendimentos = client.records(EMPREENDIMENTOS).await;
    assert_eq!(empreendimentos.len(), 12);
    let (mut sizes, mut each) = (Vec::new(), Vec::new());
    for empreendimento in &empreendimentos {
        let codigo = empreendimento["codigo"].as_f64().expect("a float") as i64;
        let contratos = client.records(&contratos_path(codigo)).await;
        assert!(
            contratos
                .iter()
                .all(|contrato| contrato["cod_empreendimento"] == codigo)
        );
        sizes.push(contratos.len());
        each.extend(contratos);
    }
    assert_eq!(each.len(), 121);
    assert_eq!(each, client.records(&contratos_path(0)).await);
    assert_eq!(
        sizes.iter().max(),
        Some(&36),
        "three tenths of 121: {sizes:?}"
    );
    assert!(sizes.contains(&0), "{sizes:?}");
    assert_eq!(all_parcelas(&client).await.len(), 121 * 40);
    assert_eq!(all_faturas(&client).await.len(), 2_000);
    assert_eq!(client.parcelas(11_122).await.status(), 204);
}

#[tokio::test]
async fn contracts_are_as_varied_as_recorded_ones() {
    let client = client(small()).await;
    let contratos = client.records(&contratos_path(0)).await;
    let statuses = values(&contratos, "status_contrato");
    for status in ["Ativo", "Normal", "Inadimplente", "Quitado", "Distratado"] {
        assert!(statuses.contains(status), "{status} in {statuses:?}");
    }
    assert!(
        statuses.iter().any(|status| status.len() == 1),
        "letters in {statuses:?}"
    );
    assert!(
        contratos
            .iter()
            .any(|contrato| contrato["data_assinatura"].is_null())
    );
    assert!(
        contratos
            .iter()
            .any(|contrato| contrato["valor_contrato"].is_string())
    );
    assert!(contratos.iter().all(|contrato| {
        contrato["cpf_cnpj_cliente"] == "000.000.000-00"
            && contrato["nome_cliente"]
                .as_str()
                .is_some_and(|n| n.starts_with("CLIENTE SINTÉTICO"))
    }));
}

#[tokio::test]
async fn parcelas_are_as_varied_as_recorded_ones() {
    let client = client(small()).await;
    let parcelas = all_parcelas(&client).await;
    for (key, expected) in [
        (
            "status_parcela",
            &["Ativo", "ATIVO", "Inativo", "Cancelado"][..],
        ),
        (
            "tipo_parcela",
            &["Mensal", "Sinal", "Intermediária", "Reajuste"],
        ),
        (
            "situacao",
            &["Pago", "Liquidado", "Quitado", "Vencido", "Ativo"],
        ),
        (
            "parcela_origem",
            &[
                "Contrato",
                "Tabela Price",
                "Renegociação",
                "Termo Contratual",
                "Reajuste",
            ],
        ),
    ] {
        assert_eq!(
            values(&parcelas, key),
            expected.iter().copied().collect(),
            "{key}"
        );
    }
    let today: NaiveDate = TODAY.parse().expect("a day");
    let (mut early, mut late, mut overdue, mut future) = (0, 0, 0, 0);
    for parcela in &parcelas {
        let due = day(&parcela["data_vencimento"]).expect("a date");
        match day(&parcela["data_baixa"]) {
            Some(paid) => {
                assert!(paid <= today, "{parcela}");
                assert!(parcela["vlr_pago"].as_f64() > Some(0.0), "{parcela}");
                early += u32::from(paid < due);
                late += u32::from(paid > due);
            }
            None => {
                assert_eq!(parcela["situacao"] == "Vencido", due < today, "{parcela}");
                assert_eq!(parcela["vlr_pago"], 0);
                overdue += u32::from(due < today);
                future += u32::from(due >= today);
            }
        }
    }
    for count in [early, late, overdue, future] {
        assert!(
            count > 100,
            "{early} early, {late} late, {overdue} overdue, {future} future"
        );
    }
    let numbers: BTreeSet<_> = parcelas.iter().map(|p| p["cod_parcela"].as_i64()).collect();
    assert_eq!(numbers.len(), parcelas.len(), "cod_parcela is a key");
    assert!(
        parcelas
            .iter()
            .any(|parcela| parcela["vlr_original"].is_null())
    );
}

#[tokio::test]
async fn payables_have_what_makes_them_hard() {
    let client = client(small()).await;
    let rows = all_faturas(&client).await;
    let mut by_text = BTreeMap::<String, u32>::new();
    let mut agentes = BTreeMap::<String, BTreeSet<i64>>::new();
    for row in &rows {
        *by_text.entry(row.to_string()).or_default() += 1;
        let ap = row["NumeroAP"].to_string().replace('"', "");
        let agente = row["Agente"]["Codigo"].as_i64().expect("a number");
        let place = format!("{} {ap} {}", row["Filial"]["Id"], row["NumeroParcela"]);
        agentes.entry(place).or_default().insert(agente);
    }
    assert_eq!(
        by_text.values().filter(|count| **count == 2).count(),
        50,
        "repeated rows"
    );
    let reused = agentes
        .values()
        .filter(|agentes| agentes.len() == 2)
        .collect::<Vec<_>>();
    assert_eq!(reused.len(), 100, "withholdings");
    assert!(reused.iter().all(|agentes| agentes.contains(&1)));
    assert!(rows.iter().any(|row| row["NumeroAP"].is_string()));
    assert!(rows.iter().any(|row| {
        row["ValorParcela"]
            .as_str()
            .is_some_and(|v| v.contains(','))
    }));
    assert!(
        rows.iter().any(|row| row["Filial"]["Id"] == 9_999),
        "a filial without a name"
    );
    let of_100 = rows
        .iter()
        .filter(|row| row["Filial"]["Id"] == 100)
        .filter(|row| day(&row["DataVencimento"]) >= NaiveDate::from_ymd_opt(2026, 1, 1));
    let path = faturas_path(Some(100), "2026-01-01", "2027-12-31");
    assert_eq!(
        client.records(&path).await,
        of_100.cloned().collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn impossible_sizes_are_refused() {
    for seeded in [
        Seeded {
            share_of_largest: 1.1,
            ..small()
        },
        Seeded {
            share_of_largest: f64::NAN,
            ..small()
        },
        Seeded {
            empreendimentos: 0,
            ..small()
        },
    ] {
        let started = Simulator::start(Config::seeded(seeded)).await;
        assert!(matches!(started.err(), Some(StartError::Setting(_))));
    }
    let nothing = Seeded {
        empreendimentos: 0,
        contratos: 0,
        faturas: 0,
        ..small()
    };
    assert_eq!(
        client(nothing).await.get(EMPREENDIMENTOS).await.status(),
        204
    );
}
