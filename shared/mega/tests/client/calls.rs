//! What true answers become, and how many calls are in flight.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use domain::records::{Fatura, ListedContrato, Record};
use mega::{MegaClient, MegaConfig};
use simulator::{Config, Fault, FaultKind, Latency, Route, Selector, Simulator};
use tokio::time::timeout;

use crate::*;

#[tokio::test]
async fn the_golden_data_arrives_whole_compressed_or_not() {
    for gzip in [true, false] {
        let settings = Config { gzip, ..settings() };
        let erp = Simulator::start(settings).await.unwrap();
        let client = client(&erp);
        let (catalogue, rejected) = client.catalogue().await.unwrap();
        assert_eq!((catalogue.empreendimentos.len(), rejected.len()), (8, 0));

        let (mut contratos, mut parcelas) = (0, 0);
        for row in &catalogue.empreendimentos {
            for record in client.contratos(row.id).await.unwrap() {
                let Record::Read(ListedContrato::Own(contrato)) = record else {
                    panic!("{record:?}");
                };
                contratos += 1;
                let (read, rejected) = parcelas_of(&client, contrato.id.get()).await.unwrap();
                assert_eq!(rejected, 0);
                parcelas += read;
            }
        }
        assert_eq!((contratos, parcelas), (59, 2_533));
    }
}

#[tokio::test]
async fn faturas_of_a_period_are_folded() {
    let erp = erp().await;
    let day = |text: &str| text.parse().unwrap();
    let client = client(&erp);
    let listed = async |filial| {
        let (first, last) = (day("2026-01-01"), day("2026-06-30"));
        let add = |keys: &mut BTreeSet<_>, record| match record {
            Record::Read(Fatura { key, .. }) => {
                keys.insert((key.filial_id, key.data_vencimento, key.numero_ap));
            }
            Record::Rejected(rejection) => panic!("{rejection:?}"),
        };
        let faturas = client.faturas(filial, first, last, BTreeSet::new, add);
        faturas.await.unwrap()
    };
    let all = listed(None).await;
    assert!(all.len() > 50, "{}", all.len());
    let half_year = day("2026-01-01")..=day("2026-06-30");
    assert!(all.iter().all(|(_, due, _)| half_year.contains(due)));
    let filiais: BTreeSet<_> = all.iter().map(|(filial, ..)| *filial).collect();
    assert!(filiais.len() > 1);
    for filial in filiais {
        let mut of_filial = all.clone();
        of_filial.retain(|(id, ..)| *id == filial);
        assert_eq!(listed(Some(filial)).await, of_filial, "{filial}");
    }
}

#[tokio::test]
async fn nothing_is_empty_and_not_an_error() {
    let erp = erp().await;
    let client = client(&erp);
    // 204.
    assert_eq!(client.contratos(empreendimento(1412)).await.unwrap(), []);
    assert_eq!(parcelas_of(&client, 999_999).await.unwrap(), (0, 0));
    // `[]`.
    erp.fault(next_parcelas(1, FaultKind::EmptyList));
    assert_eq!(parcelas(&client).await.unwrap(), (0, 0));
}

#[tokio::test]
async fn records_of_another_are_told_apart() {
    let erp = erp().await;
    let client = client(&erp);
    let body = std::fs::read(golden().join("contratos/1403.json")).unwrap();
    erp.override_contratos(1400, serde_json::from_slice(&body).unwrap());
    for record in client.contratos(empreendimento(1400)).await.unwrap() {
        let Record::Read(ListedContrato::Other { .. }) = record else {
            panic!("{record:?}");
        };
    }
    erp.fault(next_parcelas(1, FaultKind::WrongTypes));
    let (read, rejected) = parcelas(&client).await.unwrap();
    assert!(read == 0 && rejected > 0);
}

#[tokio::test]
async fn calls_in_flight_stay_within_the_budget() {
    let erp = erp().await;
    let config = MegaConfig {
        concurrency: 4,
        ..config(&erp.url())
    };
    let client = client_of(config, &Arc::default());
    erp.set_latency(Latency {
        base_seconds: 0.02,
        ..Latency::NONE
    });
    let answers = at_once(40, &client).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(erp.counters().peak_in_flight, 4);
    assert_eq!(client.in_flight(), 0);
}

#[tokio::test]
async fn the_calls_of_an_urgent_job_are_sent_before_those_of_jobs_that_wait_longer() {
    let erp = erp().await;
    let config = MegaConfig {
        concurrency: 1,
        ..config(&erp.url())
    };
    let client = client_of(config, &Arc::default());
    erp.gate(Selector::route(Route::DadosParcelas));
    let ended = Arc::new(Mutex::new(Vec::new()));
    let asking = |client: MegaClient, contrato| {
        let ended = Arc::clone(&ended);
        tokio::spawn(async move {
            parcelas_of(&client, contrato).await.unwrap();
            ended.lock().unwrap().push(contrato);
        })
    };
    // The first call has the one permit; the others wait for it, the urgent one last.
    let job = client.for_next_job();
    let mut tasks = Vec::new();
    for (of, contrato) in [
        (job.clone(), 11_001),
        (job, 11_002),
        (client.for_urgent_job(), 11_006),
    ] {
        tasks.push(asking(of, contrato));
        let waiting = async {
            while client.take_pending() < tasks.len() {
                tokio::task::yield_now().await;
            }
        };
        timeout(Duration::from_secs(20), waiting).await.unwrap();
    }
    erp.open_gates();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(*ended.lock().unwrap(), [11_001, 11_006, 11_002]);
}

#[tokio::test]
async fn a_call_that_waits_for_its_next_try_leaves_room_for_others() {
    let erp = erp().await;
    let config = MegaConfig {
        concurrency: 1,
        ..config(&erp.url())
    };
    let client = client_of(config, &Arc::default());
    let other = Selector::route(Route::DadosParcelas).contrato(11_002);
    erp.fault(Fault::next(1, other, status_after(503, 2)));
    let waiting = tokio::spawn({
        let client = client.clone();
        async move { parcelas_of(&client, 11_002).await }
    });
    erp.wait_until(|counters| counters.faults_served() == 1)
        .await;
    parcelas(&client).await.unwrap();
    assert!(!waiting.is_finished());
    assert!(waiting.await.unwrap().is_ok());
}

#[tokio::test]
async fn a_slow_answer_is_whole_within_the_limit_of_time() {
    let erp = erp().await;
    let drip = FaultKind::SlowDrip {
        bytes: 2_000,
        every_milliseconds: 5,
    };
    erp.fault(next_parcelas(1, drip));
    let started = Instant::now();
    let (read, rejected) = parcelas(&client(&erp)).await.unwrap();
    assert!(read > 0 && rejected == 0);
    assert!(started.elapsed() > Duration::from_millis(5));
}
