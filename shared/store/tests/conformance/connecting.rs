//! Opening a database that is not there, or not one.

use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

use domain::failure::FailureClass;
use secrecy::{ExposeSecret as _, SecretString};
use store::{Encryption, StoreError, connect, encryption_of};
use tokio::net::TcpListener;

use crate::support::{IDLE, on_postgres, worker};

async fn refusal(url: &str) -> StoreError {
    match connect(&SecretString::from(url.to_owned())).await {
        Ok(_) => panic!("connected"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn other_databases_are_named_as_unusable() {
    for url in [
        "mysql://user:hunter2@host/db",
        "hunter2",
        "",
        "postgres//user:hunter2@host/db",
        "postgres://user:hunter2@host:port/db",
        "postgres://user:hunter2@[::/db",
    ] {
        let error = refusal(url).await;
        assert!(matches!(error, StoreError::Url(_)), "{url}: {error}");
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    }
}

#[tokio::test]
async fn a_new_file_is_its_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("new.sqlite");
    let url = format!("sqlite://{}", file.display());
    let store = connect(&url.into()).await.unwrap();
    store.migrate().await.unwrap();
    for suffix in ["", "-wal", "-shm"] {
        let file = format!("{}{suffix}", file.display());
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

#[test]
fn the_way_to_a_database_is_protected_as_its_url_asks() {
    use Encryption::{Optional, ThisMachine, Unverified, Verified};
    for (url, expected) in [
        ("sqlite://x", None),
        ("postgres://u:p@127.0.0.1/db", Some(ThisMachine)),
        (
            "postgres://u:p@localhost/db?sslmode=disable",
            Some(ThisMachine),
        ),
        ("postgres://u:p@[::1]:5432/db", Some(ThisMachine)),
        ("postgres:///db?host=/run/postgresql", Some(ThisMachine)),
        ("postgres://u:p@db.example/db", Some(Optional)),
        (
            "postgres://u:p@db.example/db?sslmode=prefer",
            Some(Optional),
        ),
        (
            "postgres://u:p@db.example/db?sslmode=require",
            Some(Unverified),
        ),
        (
            "postgres://u:p@db.example/db?sslmode=verify-full",
            Some(Verified),
        ),
    ] {
        let url = SecretString::from(url.to_owned());
        let found = encryption_of(&url).unwrap();
        assert_eq!(found, expected, "{}", url.expose_secret());
    }
}

#[tokio::test]
async fn nobody_listening_is_told_within_seconds() {
    // Bound and not listened to by anyone once dropped; and one that accepts and never answers.
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = free.local_addr().unwrap();
    drop(free);
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    for address in [closed, silent.local_addr().unwrap()] {
        let begun = Instant::now();
        let error = refusal(&format!("postgres://user:hunter2@{address}/db")).await;
        assert!(matches!(error, StoreError::Away(_)), "{error}");
        assert_eq!(error.class(), FailureClass::Transient);
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        assert!(begun.elapsed() < Duration::from_secs(8));
    }
}

#[tokio::test]
async fn a_wrong_password_is_refused_without_repeating_it() {
    let url = crate::support::database_url();
    let (scheme, rest) = url.split_once("://").unwrap();
    let (_, host) = rest.split_once('@').expect("a URL with a user");
    let error = refusal(&format!("{scheme}://mega_sync:hunter2@{host}")).await;
    assert!(matches!(error, StoreError::Refused(_)), "{error}");
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_sorted_by_their_code_and_quote_no_row() {
    on_postgres(async |db| {
        for (code, expected) in [
            ("40001", "database-contention"),
            ("40P01", "database-contention"),
            ("55P03", "database-contention"),
            ("57014", "database-contention"),
            ("57P01", "database-away"),
            ("08006", "database-away"),
            ("53300", "database-away"),
            ("23514", "database-refused"),
            ("XX000", "database-refused"),
        ] {
            db.execute(&format!(
                "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
                 BEGIN
                     RAISE EXCEPTION 'refused'
                     USING ERRCODE = '{code}', DETAIL = 'row of ' || NEW.id;
                 END $$;
                 CREATE OR REPLACE TRIGGER refuse BEFORE INSERT ON sync_workers
                 FOR EACH ROW EXECUTE FUNCTION refuse()"
            ))
            .await;
            let error = db
                .store
                .heartbeat(&worker("somebody"), IDLE)
                .await
                .unwrap_err();
            assert_eq!(error.fingerprint(), expected, "{code}");
            assert!(
                !format!("{error} {error:?}").contains("somebody"),
                "{error}"
            );
        }
    })
    .await;
}
