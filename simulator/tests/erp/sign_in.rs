use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::RequestBuilder;
use simulator::{Config, Fault, FaultKind, Route, Selector};

use crate::client::{Client, EMPREENDIMENTOS, golden, text_of};

async fn refused(request: RequestBuilder) -> String {
    let response = request.send().await.expect("an answer");
    assert_eq!(response.status(), 200);
    assert_eq!(
        response.headers()["content-type"],
        "text/plain; charset=utf-8"
    );
    let bytes = response.bytes().await.expect("a body");
    assert_eq!(&bytes[..3], b"\xef\xbb\xbf", "a byte order mark");
    String::from_utf8(bytes.to_vec()).expect("a text")
}

#[tokio::test]
async fn tokens_say_when_they_expire() {
    let client = Client::signed_out(Config::folder(golden())).await;
    let tokens = client.sign_in("demo", "demo").await;
    for (key, hours) in [("expirationToken", 2), ("expirationRefreshToken", 4)] {
        let text = text_of(&tokens, key);
        assert_eq!(
            text.len(),
            "2025-10-31T17:36:34.6945524-03:00".len(),
            "{text}"
        );
        assert!(text.ends_with("-03:00"), "{text}");
        let end = DateTime::parse_from_rfc3339(&text)
            .expect("a time")
            .to_utc();
        let from_now = end - Utc::now();
        assert!(
            (from_now.num_seconds() - hours * 3_600).abs() < 60,
            "{text}"
        );
    }
    assert_ne!(tokens["accessToken"], tokens["refreshToken"]);
}

#[tokio::test]
async fn a_refused_sign_in_is_a_text_that_echoes_the_credentials() {
    let client = Client::signed_out(Config::folder(golden())).await;
    let right = || client.sign_in_request("demo", "demo");
    let wrong = client.sign_in_request("demo", "sesame");
    let wrong = wrong
        .header("tenantId", &client.tenant_id)
        .header("grantType", "Api");
    let text = refused(wrong).await;
    assert!(text.contains("demo") && text.contains("sesame"), "{text}");
    refused(right().header("grantType", "Api")).await;
    refused(right().header("tenantId", &client.tenant_id)).await;
    refused(
        right()
            .header("tenantId", "another")
            .header("grantType", "Api"),
    )
    .await;
    let counters = client.erp.counters();
    assert_eq!((counters.sign_ins_ok, counters.sign_ins_refused), (0, 4));
}

#[tokio::test]
async fn refusals_in_a_row_lock_the_account() {
    let client = Client::signed_out(Config {
        lock_after: 3,
        ..Config::folder(golden())
    })
    .await;
    for _ in 0..2 {
        assert!(client.sign_in("demo", "wrong").await.is_null());
    }
    assert!(
        client.sign_in("demo", "demo").await.is_object(),
        "the row is broken"
    );
    for _ in 0..3 {
        assert!(!client.erp.account_locked());
        assert!(client.sign_in("demo", "wrong").await.is_null());
    }
    assert!(client.erp.account_locked());
    assert!(client.sign_in("demo", "demo").await.is_null());
    client.erp.unlock_account();
    assert!(client.sign_in("demo", "demo").await.is_object());
}

#[tokio::test]
async fn sign_ins_can_be_refused_for_a_while() {
    let client = Client::signed_out(Config::folder(golden())).await;
    client.erp.refuse_sign_ins(true);
    assert!(client.sign_in("demo", "demo").await.is_null());
    client.erp.refuse_sign_ins(false);
    assert!(client.sign_in("demo", "demo").await.is_object());
}

#[tokio::test]
async fn a_new_refresh_token_voids_the_old_one() {
    let client = Client::signed_out(Config::folder(golden())).await;
    let first = text_of(&client.sign_in("demo", "demo").await, "refreshToken");
    let second = text_of(&client.refresh(&first).await, "refreshToken");
    assert_ne!(first, second);
    assert!(client.refresh(&first).await.is_null());
    assert!(client.refresh(&second).await.is_object());
    let counters = client.erp.counters();
    assert_eq!((counters.refreshes_ok, counters.refreshes_refused), (2, 1));
}

#[tokio::test]
async fn data_needs_a_living_token_and_the_tenant() {
    let mut client = Client::signed_out(Config::folder(golden())).await;
    assert_eq!(client.get(EMPREENDIMENTOS).await.status(), 401);
    let tokens = client.sign_in("demo", "demo").await;
    client.token = text_of(&tokens, "accessToken");
    assert_eq!(client.get(EMPREENDIMENTOS).await.status(), 200);
    let tenant_id = std::mem::replace(&mut client.tenant_id, "another".into());
    assert_eq!(client.get(EMPREENDIMENTOS).await.status(), 401);
    client.tenant_id = tenant_id;

    client.erp.void_access_tokens();
    assert_eq!(client.get(EMPREENDIMENTOS).await.status(), 401);
    let renewed = client.refresh(&text_of(&tokens, "refreshToken")).await;
    client.token = text_of(&renewed, "accessToken");
    assert_eq!(client.get(EMPREENDIMENTOS).await.status(), 200);

    client.erp.void_all_tokens();
    assert_eq!(client.get(EMPREENDIMENTOS).await.status(), 401);
    assert!(
        client
            .refresh(&text_of(&renewed, "refreshToken"))
            .await
            .is_null()
    );
    assert_eq!(client.erp.counters().unauthorized, 4);
}

#[tokio::test]
async fn a_token_ends_when_it_says() {
    let mut client = Client::golden().await;
    client.erp.set_token_lifetime(Duration::ZERO);
    let ended = client.sign_in("demo", "demo").await;
    assert_eq!(
        client.get(EMPREENDIMENTOS).await.status(),
        200,
        "the older token still lives"
    );
    client.token = text_of(&ended, "accessToken");
    assert_eq!(client.get(EMPREENDIMENTOS).await.status(), 401);
}

#[tokio::test]
async fn sign_in_has_faults_only_where_named() {
    let client = Client::signed_out(Config::folder(golden())).await;
    let overloaded = FaultKind::Status {
        code: 503,
        retry_after_seconds: None,
    };
    client
        .erp
        .fault(Fault::always(Selector::any(), overloaded.clone()));
    assert!(client.sign_in("demo", "demo").await.is_object());
    client
        .erp
        .fault(Fault::always(Selector::route(Route::SignIn), overloaded));
    let response = client
        .sign_in_request("demo", "demo")
        .send()
        .await
        .expect("an answer");
    assert_eq!(response.status(), 503);
    assert_eq!(client.erp.counters().calls_of(Route::SignIn), 2);
}
