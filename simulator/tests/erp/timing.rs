use std::time::{Duration, Instant};

use simulator::{Config, Fault, FaultKind, Latency, Route, Selector, Simulator};

use crate::client::{Client, EMPREENDIMENTOS, golden, parcelas_path, soon};

#[tokio::test]
async fn a_call_takes_longer_the_more_are_in_flight() {
    let client = Client::golden().await;
    client.erp.set_latency(Latency {
        base_seconds: 0.05,
        per_in_flight_seconds: 0.2,
    });
    client.erp.gate(Selector::any());
    let paths = [parcelas_path(11001), parcelas_path(11002)];
    let fetch = async |path: &str, after: u64| {
        // Each arrives when the other is already held, so that its place in the row is known.
        soon(client.erp.wait_until(|counters| counters.at_gate == after)).await;
        let response = client.request(path).send().await.expect("an answer");
        assert_eq!(response.status(), 200);
        Instant::now()
    };
    let open = async {
        soon(client.erp.wait_until(|counters| counters.at_gate == 2)).await;
        client.erp.open_gates();
        Instant::now()
    };
    let (first, second, opened) = tokio::join!(fetch(&paths[0], 0), fetch(&paths[1], 1), open);
    assert!(first - opened >= Duration::from_millis(250));
    assert!(second - opened >= Duration::from_millis(450));
    assert_eq!(client.erp.counters().peak_in_flight, 2);
}

#[tokio::test]
async fn a_gate_holds_what_it_is_for() {
    let client = Client::golden().await;
    client
        .erp
        .gate(Selector::route(Route::DadosParcelas).contrato(11001));
    assert_eq!(client.parcelas(11002).await.status(), 200);
    assert_eq!(client.get(EMPREENDIMENTOS).await.status(), 200);
    let path = parcelas_path(11001);
    let mut held = std::pin::pin!(client.request(&path).send());
    tokio::select! {
        answer = &mut held => panic!("it answered: {answer:?}"),
        counters = soon(client.erp.wait_until(|counters| counters.at_gate == 1)) => {
            assert_eq!(counters.in_flight, 1);
        }
    }
    client.erp.open_gates();
    assert_eq!(soon(held).await.expect("an answer").status(), 200);
    let counters = soon(client.erp.wait_until(|counters| counters.in_flight == 0)).await;
    assert_eq!(
        (counters.at_gate, counters.calls_of(Route::DadosParcelas)),
        (0, 2)
    );
    assert_eq!(
        counters.parcelas_calls.into_iter().collect::<Vec<_>>(),
        [(11001, 1), (11002, 1)]
    );
}

#[tokio::test]
async fn a_gate_can_hold_a_sign_in() {
    let client = Client::signed_out(Config::folder(golden())).await;
    client.erp.gate(Selector::route(Route::SignIn));
    let open = async {
        let counters = soon(client.erp.wait_until(|counters| counters.at_gate == 1)).await;
        assert_eq!((counters.sign_ins_ok, counters.in_flight), (0, 0));
        client.erp.open_gates();
    };
    let (tokens, ()) = tokio::join!(client.sign_in("demo", "demo"), open);
    assert!(tokens.is_object());
}

#[tokio::test]
async fn a_wait_ends_with_the_arrival_and_not_with_the_answer() {
    let client = Client::golden().await;
    client
        .erp
        .fault(Fault::always(Selector::any(), FaultKind::Hang));
    let path = parcelas_path(11001);
    let two_calls = async { tokio::join!(client.request(&path).send(), client.get(&path)) };
    tokio::select! {
        _ = two_calls => panic!("hanging calls were answered"),
        counters = soon(client.erp.wait_for_calls(Route::DadosParcelas, 2)) => {
            assert_eq!(counters.calls_of(Route::DadosParcelas), 2);
        }
    }
    client.erp.reset_counters();
    assert_eq!(client.erp.counters().calls_of(Route::DadosParcelas), 0);
}

#[tokio::test]
async fn stopping_frees_the_address_and_ends_what_hangs() {
    let client = Client::golden().await;
    client
        .erp
        .fault(Fault::always(Selector::any(), FaultKind::Hang));
    let request = client.request(&parcelas_path(11001));
    let hanging = tokio::spawn(request.send());
    soon(client.erp.wait_for_calls(Route::DadosParcelas, 1)).await;
    let listen = client.erp.address();
    soon(client.erp.stop()).await;
    let answer = soon(hanging).await.expect("no panic");
    assert!(answer.is_err() || answer.is_ok_and(|response| response.status() == 503));
    let again = Simulator::start(Config {
        listen,
        ..Config::folder(golden())
    })
    .await;
    assert_eq!(again.expect("the address is free").address(), listen);
}

#[tokio::test]
async fn an_impossible_latency_is_refused() {
    let latency = Latency {
        base_seconds: f64::NAN,
        ..Latency::NONE
    };
    let started = Simulator::start(Config {
        latency,
        ..Config::folder(golden())
    })
    .await;
    assert!(started.is_err());
}

#[tokio::test]
async fn a_call_under_way_takes_the_speed_that_the_erp_has() {
    let client = Client::golden().await;
    client.erp.set_latency(Latency {
        base_seconds: 3600.0,
        ..Latency::NONE
    });
    let call = client.get(EMPREENDIMENTOS);
    let recovers = async {
        client
            .erp
            .wait_until(|counters| counters.in_flight == 1)
            .await;
        client.erp.set_slowness(1e-6);
    };
    let (answer, ()) = soon(async { tokio::join!(call, recovers) }).await;
    assert_eq!(answer.status(), 200);
}
