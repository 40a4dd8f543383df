//! One session for all: who signs in, when, and who must not.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::failure::FailureClass;
use domain::session::SessionStore;
use mega::{MegaConfig, MegaError, MemorySessionStore};
use simulator::{Config, FaultKind, Route, Selector, Simulator};

use crate::*;

fn all_ok(answers: &[Result<(u32, u32), MegaError>]) {
    for answer in answers {
        assert!(answer.is_ok(), "{answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_tasks_sign_in_once() {
    let erp = erp().await;
    all_ok(&at_once(64, &client(&erp)).await);
    assert_eq!(erp.counters().calls_of(Route::SignIn), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_share_a_session_store_sign_in_once() {
    let erp = erp().await;
    let store = Arc::default();
    let [one, other] = [(); 2].map(|()| client_of(config(&erp.url()), &store));
    let (ones, others) = tokio::join!(at_once(16, &one), at_once(16, &other));
    all_ok(&ones);
    all_ok(&others);
    assert_eq!(erp.counters().calls_of(Route::SignIn), 1);

    // And renew it once.
    erp.void_access_tokens();
    let (ones, others) = tokio::join!(at_once(16, &one), at_once(16, &other));
    all_ok(&ones);
    all_ok(&others);
    let counters = erp.counters();
    assert_eq!(
        (counters.calls_of(Route::SignIn), counters.refreshes_ok),
        (1, 1)
    );
}

#[tokio::test]
async fn a_session_is_renewed_before_it_ends() {
    // The last tenth, in which it is renewed, is long enough for many calls.
    let lifetime = Duration::from_secs(5);
    let settings = Config {
        token_lifetime: lifetime,
        ..settings()
    };
    let erp = Simulator::start(settings).await.unwrap();
    let client = client(&erp);
    let renewed = async {
        let mut ticks = tokio::time::interval(Duration::from_millis(20));
        while erp.counters().refreshes_ok == 0 {
            ticks.tick().await;
            parcelas(&client).await.unwrap();
        }
    };
    tokio::time::timeout(lifetime * 2, renewed).await.unwrap();
    let counters = erp.counters();
    assert_eq!((counters.sign_ins_ok, counters.refreshes_ok), (1, 1));
    assert_eq!(counters.unauthorized, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_401_renews_once_and_repeats_the_call_once() {
    let erp = erp().await;
    let client = client(&erp);
    parcelas(&client).await.unwrap();
    erp.void_access_tokens();
    all_ok(&at_once(16, &client).await);
    let counters = erp.counters();
    assert_eq!((counters.sign_ins_ok, counters.refreshes_ok), (1, 1));
}

#[tokio::test]
async fn a_refused_refresh_falls_back_to_one_sign_in() {
    let erp = erp().await;
    let client = client(&erp);
    parcelas(&client).await.unwrap();
    erp.void_all_tokens();
    parcelas(&client).await.unwrap();
    let counters = erp.counters();
    assert_eq!((counters.refreshes_refused, counters.sign_ins_ok), (1, 2));

    // Servers answer a void refresh token with a 500, too.
    let refresh = Selector::route(Route::RefreshToken);
    erp.fault(Fault::next(1, refresh, status(500)));
    erp.void_access_tokens();
    parcelas(&client).await.unwrap();
    assert_eq!(erp.counters().sign_ins_ok, 3);
}

#[tokio::test]
async fn a_refresh_token_is_used_once_even_when_its_answer_is_lost() {
    let erp = erp().await;
    let client = client(&erp);
    parcelas(&client).await.unwrap();
    erp.void_access_tokens();
    let refresh = Selector::route(Route::RefreshToken);
    erp.fault(Fault::always(refresh, FaultKind::ResetConnection));
    let error = parcelas(&client).await.unwrap_err();
    assert_eq!(error.class(), FailureClass::Transient);
    parcelas(&client).await.unwrap();
    let counters = erp.counters();
    assert_eq!(counters.calls_of(Route::RefreshToken), 1);
    assert_eq!(counters.sign_ins_ok, 2);
}

#[tokio::test]
async fn a_second_401_is_an_error_and_no_reason_to_sign_in_again() {
    let erp = erp().await;
    let client = client(&erp);
    erp.fault(next_parcelas(4, status(401)));
    for calls in [2, 3, 4] {
        let error = parcelas(&client).await.unwrap_err();
        assert!(matches!(error, MegaError::Unauthorized { .. }), "{error}");
        assert_eq!(erp.counters().calls_of(Route::DadosParcelas), calls);
    }
    let counters = erp.counters();
    assert_eq!((counters.sign_ins_ok, counters.refreshes_ok), (1, 1));
    parcelas(&client).await.unwrap();
}

#[tokio::test]
async fn a_403_is_the_items_and_renews_nothing() {
    let erp = erp().await;
    let client = client(&erp);
    erp.fault(next_parcelas(1, status(403)));
    parcelas(&client).await.unwrap_err();
    let counters = erp.counters();
    assert_eq!(
        (counters.sign_ins_ok, counters.calls_of(Route::RefreshToken)),
        (1, 0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_sign_in_stops_everybody_until_lifted() {
    let erp = erp().await;
    let store = Arc::default();
    let client = client_of(config(&erp.url()), &store);
    erp.refuse_sign_ins(true);
    for answer in at_once(16, &client).await {
        let error = answer.unwrap_err();
        assert_eq!(error.class(), FailureClass::SignIn, "{error}");
    }
    parcelas(&client).await.unwrap_err();
    client.catalogue().await.unwrap_err();
    let other = client_of(config(&erp.url()), &store);
    parcelas(&other).await.unwrap_err();
    assert_eq!(erp.counters().calls_of(Route::SignIn), 1);

    erp.refuse_sign_ins(false);
    parcelas(&client).await.unwrap_err();
    assert!(store.lift_refusal("ana@office").await.unwrap());
    all_ok(&at_once(16, &client).await);
    assert_eq!(erp.counters().calls_of(Route::SignIn), 2);
}

#[tokio::test]
async fn every_form_of_refusal_stops_the_sign_ins() {
    for kind in [
        status(400),
        status(401),
        status(403),
        status(404),
        FaultKind::PlainText,
        FaultKind::EmptyList,
        FaultKind::WrongShape,
        FaultKind::WrongTypes,
    ] {
        let erp = erp().await;
        let client = client(&erp);
        erp.fault(every_sign_in(kind.clone()));
        for _ in 0..3 {
            let error = parcelas(&client).await.unwrap_err();
            assert!(
                matches!(error, MegaError::SignInRefused { .. }),
                "{kind:?}: {error}"
            );
        }
        assert_eq!(erp.counters().calls_of(Route::SignIn), 1, "{kind:?}");
    }
}

#[tokio::test]
async fn a_passing_fault_of_the_sign_in_is_shared_and_not_repeated_in_place() {
    for kind in [
        status(500),
        status_after(503, 0),
        FaultKind::HtmlPage,
        FaultKind::Truncated,
        FaultKind::ResetConnection,
        FaultKind::Hang,
    ] {
        let erp = erp().await;
        let config = MegaConfig {
            timeout: Duration::from_millis(500),
            ..config(&erp.url())
        };
        let client = client_of(config, &Arc::default());
        erp.fault(every_sign_in(kind.clone()));
        for answer in at_once(8, &client).await {
            let class = answer.unwrap_err().class();
            let passing = [FailureClass::Transient, FailureClass::Throttled];
            assert!(passing.contains(&class), "{kind:?}: {class}");
        }
        assert_eq!(erp.counters().calls_of(Route::SignIn), 1, "{kind:?}");
        erp.clear_faults();
        parcelas(&client).await.unwrap();
    }
}

#[tokio::test]
async fn a_session_that_came_too_late_is_told_and_not_asked_for_again() {
    let erp = erp().await;
    let client = client(&erp);
    erp.set_token_lifetime(Duration::ZERO);
    let error = parcelas(&client).await.unwrap_err();
    assert!(matches!(error, MegaError::Shape { .. }), "{error}");
    let error = parcelas(&client).await.unwrap_err();
    assert!(error.to_string().contains("compare the clocks"), "{error}");
    assert_eq!(erp.counters().calls_of(Route::SignIn), 1);
}

#[tokio::test]
async fn a_caller_who_gives_up_leaves_its_sign_in_to_the_others() {
    let erp = erp().await;
    let client = client(&erp);
    erp.gate(Selector::route(Route::SignIn));
    let impatient = tokio::spawn({
        let client = client.clone();
        async move { parcelas(&client).await }
    });
    erp.wait_until(|counters| counters.at_gate == 1).await;
    impatient.abort();
    assert!(impatient.await.unwrap_err().is_cancelled());
    erp.open_gates();
    parcelas(&client).await.unwrap();
    assert_eq!(erp.counters().calls_of(Route::SignIn), 1);
}

#[tokio::test]
async fn what_another_process_renews_is_waited_for() {
    let erp = erp().await;
    let elsewhere = Arc::<MemorySessionStore>::default();
    parcelas(&client_of(config(&erp.url()), &elsewhere))
        .await
        .unwrap();
    let token = elsewhere.session().await.unwrap().token.unwrap();

    let store = Arc::<MemorySessionStore>::default();
    let lease = Duration::from_secs(600);
    assert!(store.begin_renewal("another", 0, lease).await.unwrap());
    let client = client_of(config(&erp.url()), &store);
    let waiting = tokio::spawn(async move { parcelas(&client).await });
    store.renewed("another", &token).await.unwrap();
    waiting.await.unwrap().unwrap();
    assert_eq!(erp.counters().calls_of(Route::SignIn), 1);
}

#[tokio::test]
async fn what_a_dead_process_began_to_renew_is_taken_over() {
    let erp = erp().await;
    let store = Arc::<MemorySessionStore>::default();
    let lease = Duration::from_millis(300);
    let started = Instant::now();
    assert!(store.begin_renewal("dead", 0, lease).await.unwrap());
    parcelas(&client_of(config(&erp.url()), &store))
        .await
        .unwrap();
    assert!(started.elapsed() >= lease);
}

#[tokio::test]
async fn a_renewal_that_never_ends_is_given_up_in_time() {
    let erp = erp().await;
    let store = Arc::<MemorySessionStore>::default();
    let lease = Duration::from_secs(600);
    assert!(store.begin_renewal("stuck", 0, lease).await.unwrap());
    let config = MegaConfig {
        timeout: Duration::from_millis(100),
        ..config(&erp.url())
    };
    let error = parcelas(&client_of(config, &store)).await.unwrap_err();
    assert!(matches!(error, MegaError::Timeout { .. }), "{error}");
    assert_eq!(erp.counters().calls_of(Route::SignIn), 0);
}
