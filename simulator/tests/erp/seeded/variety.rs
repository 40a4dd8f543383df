//! The seeded records are as varied as recorded ones.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::fixture::{TODAY, all_faturas, all_parcelas, client, day, small, values};
use crate::client::{contratos_path, em_aberto_path, faturas_path};

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
    let open = rows
        .iter()
        .filter(|row| row["SaldoAtual"].as_f64() > Some(0.0))
        .filter(|row| day(&row["DataVencimento"]) >= NaiveDate::from_ymd_opt(2026, 1, 1));
    let path = em_aberto_path("2026-01-01", "2027-12-31");
    assert_eq!(
        client.records(&path).await,
        open.cloned().collect::<Vec<_>>()
    );
}
