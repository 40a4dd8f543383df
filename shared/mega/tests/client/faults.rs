//! Every way an answer can fail, and what the client makes of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::failure::FailureClass;
use mega::{MegaConfig, MegaError};
use simulator::{Fault, FaultKind, Route, Selector};

use crate::*;

/// What a call meets whose every try goes wrong, and how many tries it made.
async fn always(kind: FaultKind) -> (MegaError, u64) {
    let erp = erp().await;
    let client = client(&erp);
    erp.fault(Fault::always(Selector::route(Route::DadosParcelas), kind));
    let error = parcelas(&client).await.unwrap_err();
    (error, erp.counters().calls_of(Route::DadosParcelas))
}

#[tokio::test]
async fn each_fault_has_its_error_and_its_number_of_tries() {
    for (kind, fingerprint, tries) in [
        (status(408), "408-DadosParcelas", 3),
        (status(500), "500-DadosParcelas", 3),
        (status(502), "502-DadosParcelas", 3),
        (status(503), "503-DadosParcelas", 3),
        (status(302), "302-DadosParcelas", 3),
        (status_after(503, 0), "503", 3),
        (status(429), "429", 3),
        (status_after(429, 0), "429", 3),
        (status(400), "400-DadosParcelas", 1),
        (status(403), "403-DadosParcelas", 1),
        (status(404), "404-DadosParcelas", 1),
        (FaultKind::Truncated, "truncated-DadosParcelas", 3),
        (FaultKind::Garbage, "truncated-DadosParcelas", 3),
        (FaultKind::InvalidUtf8, "truncated-DadosParcelas", 3),
        (FaultKind::HtmlPage, "not-json-DadosParcelas", 3),
        (FaultKind::PlainText, "not-json-DadosParcelas", 3),
        (FaultKind::WrongShape, "shape-DadosParcelas", 2),
        (
            FaultKind::LargeBody { bytes: 65 << 20 },
            "too-large-DadosParcelas",
            1,
        ),
        (
            FaultKind::GzipBomb { bytes: 65 << 20 },
            "too-large-DadosParcelas",
            1,
        ),
        (FaultKind::ResetConnection, "no-connection", 3),
    ] {
        let (error, calls) = always(kind.clone()).await;
        assert_eq!(
            (error.fingerprint().as_str(), calls),
            (fingerprint, tries),
            "{kind:?}"
        );
    }
}

#[tokio::test]
async fn an_endless_body_is_given_up_at_the_limit() {
    let (error, calls) = always(FaultKind::EndlessBody).await;
    assert!(matches!(error, MegaError::TooLarge { .. }), "{error}");
    assert_eq!((error.class(), calls), (FailureClass::Data, 1));
}

#[tokio::test]
async fn no_answer_in_time_is_a_timeout_at_every_stage() {
    let slow = FaultKind::SlowDrip {
        bytes: 1,
        every_milliseconds: 50,
    };
    for kind in [FaultKind::Hang, slow] {
        let erp = erp().await;
        let config = MegaConfig {
            timeout: Duration::from_millis(400),
            tries: 1,
            ..config(&erp.url())
        };
        let client = client_of(config, &Arc::default());
        erp.fault(next_parcelas(1, kind));
        let error = parcelas(&client).await.unwrap_err();
        assert!(matches!(error, MegaError::Timeout { .. }), "{error}");
        assert_eq!(client.in_flight(), 0);
    }
}

#[tokio::test]
async fn nobody_listening_is_no_connection() {
    let erp = erp().await;
    let client = client(&erp);
    parcelas(&client).await.unwrap();
    erp.stop().await;
    let error = parcelas(&client).await.unwrap_err();
    assert!(matches!(error, MegaError::Connection { .. }), "{error}");
    assert_eq!(error.class(), FailureClass::Transient);
}

#[tokio::test]
async fn passing_faults_are_ridden_out_in_place() {
    for kind in [
        status(500),
        status(429),
        FaultKind::Truncated,
        FaultKind::Garbage,
        FaultKind::HtmlPage,
        FaultKind::ResetConnection,
    ] {
        let erp = erp().await;
        let client = client(&erp);
        let whole = parcelas(&client).await.unwrap();
        erp.fault(next_parcelas(2, kind.clone()));
        // A broken try leaves nothing of its records behind.
        assert_eq!(parcelas(&client).await.unwrap(), whole, "{kind:?}");
        assert_eq!(erp.counters().faults_served(), 2);
    }
    let erp = erp().await;
    erp.fault(next_parcelas(1, FaultKind::WrongShape));
    parcelas(&client(&erp)).await.unwrap();
}

#[tokio::test]
async fn a_short_retry_after_is_waited_out_and_a_long_one_handed_on() {
    let erp = erp().await;
    let client = client(&erp);
    parcelas(&client).await.unwrap();

    erp.fault(next_parcelas(1, status_after(429, 1)));
    let started = Instant::now();
    parcelas(&client).await.unwrap();
    assert!(started.elapsed() >= Duration::from_secs(1));

    erp.reset_counters();
    erp.fault(next_parcelas(1, status_after(503, 31)));
    let error = parcelas(&client).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(31)));
    assert_eq!(error.class(), FailureClass::Throttled);
    assert_eq!(erp.counters().calls_of(Route::DadosParcelas), 1);
}

#[tokio::test]
async fn every_route_names_itself() {
    let erp = erp().await;
    let client = client(&erp);
    erp.fault(Fault::always(Selector::any(), status(404)));
    let day = "2026-01-01".parse().unwrap();
    let faturas = client.faturas(None, day, day, || (), |(), _| ()).await;
    let em_aberto = client.faturas_em_aberto(day, day, || (), |(), _| ()).await;
    for (error, route) in [
        (client.catalogue().await.unwrap_err(), "Empreendimentos"),
        (
            client.contratos(empreendimento(1400)).await.unwrap_err(),
            "DadosContrato",
        ),
        (parcelas(&client).await.unwrap_err(), "DadosParcelas"),
        (faturas.unwrap_err(), "FaturaPagar"),
        (em_aberto.unwrap_err(), "FaturaPagarEmAberto"),
    ] {
        assert_eq!(error.fingerprint(), format!("404-{route}"));
    }
}

#[tokio::test]
async fn what_a_job_can_do_without_is_tried_twice_at_most() {
    let route = Route::FaturaPagarEmAberto;
    for (kind, tries) in [
        (status(500), 2),
        (status(429), 2),
        (FaultKind::HtmlPage, 2),
        (status(404), 1),
    ] {
        let erp = erp().await;
        let client = client(&erp);
        erp.fault(Fault::always(Selector::route(route), kind.clone()));
        let day = "2026-01-01".parse().unwrap();
        let answer = client.faturas_em_aberto(day, day, || (), |(), _| ()).await;
        assert!(answer.is_err(), "{kind:?}");
        assert_eq!(erp.counters().calls_of(route), tries, "{kind:?}");
        assert!(!client.is_known_to_be_away(), "{kind:?}");
    }
}
