use std::collections::BTreeMap;
use std::sync::Arc;

use domain::checks::{Acceptance, CheckName, CheckVerdict};
use domain::tables::EmpreendimentoResult;
use mega::{MegaConfig, MemorySessionStore};
use serde_json::Value;
use simulator::{Config, Simulator};

use super::*;

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden");

/// Table and key → values as the golden file writes them.
type Rows = BTreeMap<(&'static str, String), Vec<String>>;

#[tokio::test]
async fn every_empreendimento_folds_to_its_golden_rows() {
    let erp = Simulator::start(Config::folder(GOLDEN)).await.unwrap();
    let mega = client(&erp);
    let params = golden_params();
    let mut found = Rows::new();
    for row in mega.catalogue().await.unwrap().0.empreendimentos {
        let folded = empreendimento(&mega, row.id, params, Ipca::default(), None)
            .await
            .unwrap();
        let checks = crate::validate::empreendimento(&folded, None, &[], &Acceptance::default());
        let checks = checks.unwrap();
        assert!(
            checks
                .iter()
                .all(|check| check.verdict != CheckVerdict::Failed)
        );
        collect(&mut found, row.id, &folded.result);
    }
    let expected = golden();
    for (key, values) in &expected {
        assert_eq!(found.get(key), Some(values), "{key:?}");
    }
    assert_eq!(found.len(), expected.len());
    erp.stop().await;
}

#[tokio::test]
async fn a_contrato_that_cannot_be_read_at_all_is_no_small_share_of_the_whole() {
    let erp = Simulator::start(Config::folder(GOLDEN)).await.unwrap();
    let mega = client(&erp);
    let read = async |parcelas: Value| {
        erp.override_parcelas(11001, parcelas);
        let id = 1400.try_into().unwrap();
        empreendimento(&mega, id, golden_params(), Ipca::default(), None).await
    };
    let text = std::fs::read_to_string(format!("{GOLDEN}/parcelas/11001.json")).unwrap();
    let mut parcelas: Value = serde_json::from_str(&text).unwrap();
    let all = parcelas.as_array().unwrap().len() as u64;
    assert!(all > 1);
    // All but one: for the share of all records to judge.
    for parcela in &mut parcelas.as_array_mut().unwrap()[1..] {
        parcela["data_vencimento"] = "2026-02-30".into();
    }
    let folded = read(parcelas.clone()).await.unwrap();
    assert_eq!(folded.result.manifest.records_rejected(), all - 1);

    parcelas[0]["vlr_original"] = "muito".into();
    let Err(JobError::Checks(checks)) = read(parcelas).await else {
        panic!("not failed");
    };
    assert_eq!(checks[0].name, CheckName::ReadableParcelas);
    assert_eq!(checks[0].samples, ["11001"]);
    let all = format!("none of its {all} parcelas can be read; mostly data_vencimento");
    assert!(checks[0].observed.contains(&all), "{:?}", checks[0]);
    erp.stop().await;
}

#[tokio::test]
async fn an_empreendimento_that_cannot_fit_its_deadline_fails_before_its_parcelas_are_asked_for() {
    let erp = Simulator::start(Config::folder(GOLDEN)).await.unwrap();
    let mega = client(&erp);
    let id = 1400.try_into().unwrap();
    let deadline = Some(Duration::from_nanos(1));
    let folded = empreendimento(&mega, id, golden_params(), Ipca::default(), deadline).await;
    let error = folded.expect_err("it fits a nanosecond");
    assert!(matches!(error, JobError::CannotFit { .. }), "{error}");
    assert!(
        error.to_string().contains("MEGA_SYNC_ATTEMPT_DEADLINE"),
        "{error}"
    );
    assert_eq!(
        error.class().disposition(),
        domain::failure::Disposition::Fail
    );
    assert_eq!(erp.counters().calls_of(simulator::Route::DadosParcelas), 0);
    erp.stop().await;
}

fn golden_params() -> RunParams {
    RunParams {
        start_date: "2026-01-01".parse().unwrap(),
        end_date: "2026-11-22".parse().unwrap(),
        as_of: "2026-11-23".parse().unwrap(),
    }
}

fn client(erp: &Simulator) -> MegaClient {
    let simulator::Credentials {
        tenant_id,
        username,
        password,
    } = Default::default();
    let url = erp.url().parse().unwrap();
    let config = MegaConfig::new(url, tenant_id, username, password.into());
    MegaClient::new(config, Arc::new(MemorySessionStore::default())).unwrap()
}

fn collect(rows: &mut Rows, id: EmpreendimentoId, result: &EmpreendimentoResult) {
    for row in &result.entradas {
        let key = format!("{id}|{}|{}", row.ref_month, row.category);
        rows.insert(
            ("entradas_caixa", key),
            [row.forecast, row.actual].map(|m| m.to_string()).into(),
        );
    }
    for row in &result.delinquency {
        let mut values: Vec<String> = row.buckets.iter().map(ToString::to_string).collect();
        values.push(row.total.to_string());
        values.push(row.details["quantity"].to_string());
        values.push(
            row.details["over_365"]["amount"]
                .as_str()
                .unwrap()
                .to_owned(),
        );
        rows.insert(("delinquency", format!("{id}|{}", row.ref_month)), values);
    }
    for row in &result.portfolio {
        let values = vec![
            row.vp.to_string(),
            row.ltv.to_string(),
            format!("{:.1}", row.prazo_medio_tenths as f64 / 10.0),
            format!("{:.2}", row.duration_hundredths as f64 / 100.0),
            row.total_contracts.to_string(),
            row.active_contracts.to_string(),
        ];
        rows.insert(
            ("estatisticas_portfolio", format!("{id}|{}", row.ref_month)),
            values,
        );
    }
}

fn golden() -> Rows {
    let text = std::fs::read_to_string(format!("{GOLDEN}/expected.json")).unwrap();
    let tables: Value = serde_json::from_str(&text).unwrap();
    let plain = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    let mut rows = Rows::new();
    for table in ["entradas_caixa", "delinquency", "estatisticas_portfolio"] {
        for (key, values) in tables[table].as_object().unwrap() {
            let values = values.as_array().unwrap().iter().map(plain).collect();
            rows.insert((table, key.clone()), values);
        }
    }
    rows
}
