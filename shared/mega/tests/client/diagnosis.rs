//! Questions that cost no sign-in.

use domain::session::SessionStore as _;
use mega::{Probe, Taken};

use crate::*;

#[tokio::test]
async fn whether_it_answers_and_takes_a_session_costs_no_sign_in() {
    let erp = erp().await;
    let store = Arc::default();
    parcelas(&client_of(config(&erp.url()), &store))
        .await
        .unwrap();
    let token = store.session().await.unwrap().token.unwrap();
    let probe = Probe::new(&config(&erp.url())).unwrap();
    assert!((200..500).contains(&probe.reach().await.unwrap()));
    let taken = probe.takes(&token).await.unwrap();
    assert!(
        matches!(taken, Taken::Yes { empreendimentos } if empreendimentos > 0),
        "{taken:?}"
    );

    erp.void_access_tokens();
    assert_eq!(probe.takes(&token).await.unwrap(), Taken::No);
    let counters = erp.counters();
    let sessions = (counters.calls_of(Route::SignIn), counters.refreshes_ok);
    assert_eq!(sessions, (1, 0), "none but the client's own");
}

#[tokio::test]
async fn an_erp_that_is_not_there_or_answers_nonsense_is_told() {
    let erp = erp().await;
    let store = Arc::default();
    parcelas(&client_of(config(&erp.url()), &store))
        .await
        .unwrap();
    let token = store.session().await.unwrap().token.unwrap();
    let probe = Probe::new(&config(&erp.url())).unwrap();
    let unavailable = Fault::next(1, Selector::route(Route::Empreendimentos), status(500));
    erp.fault(unavailable);
    let error = probe.takes(&token).await.unwrap_err();
    assert!(
        matches!(error, MegaError::Unavailable { status: 500, .. }),
        "{error}"
    );

    let nowhere = Probe::new(&config("http://127.0.0.1:1")).unwrap();
    let error = nowhere.reach().await.unwrap_err();
    assert!(matches!(error, MegaError::Connection { .. }), "{error}");
}
