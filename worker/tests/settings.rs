//! The settings of a worker: all floors read theirs from one environment.

use mega::MegaConfig;
use queue::{BrokerConfig, Topology};
use runtime::environment::Source;
use runtime::tls::Authorities;
use secrecy::ExposeSecret as _;
use store::{database_url, fleet_database_url};

fn source<'a>(variables: &'a [(&'a str, &'a str)]) -> Source<'a> {
    Source::of(move |name| {
        variables
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| (*value).to_owned())
    })
}

#[test]
fn every_problem_is_told_at_once() {
    let mut source = source(&[
        ("AMQP_URL", "http://nowhere"),
        ("MEGA_API_URL", "nonsense"),
        ("MEGA_API_PASSWORD", "hunter2"),
        ("MEGA_API_TIMEOUT", "0"),
        ("MEGA_SYNC_RETRY_DELAYS", "1m,10s"),
    ]);
    let settings = (
        database_url(&mut source, None),
        BrokerConfig::read(&mut source),
        MegaConfig::read(&mut source, 1),
    );
    let text = source
        .finish(Some(settings))
        .map(|_| ())
        .unwrap_err()
        .to_string();
    for name in [
        "DATABASE_URL",
        "AMQP_URL",
        "MEGA_API_URL",
        "MEGA_API_TENANT_ID",
        "MEGA_API_USERNAME",
        "MEGA_API_TIMEOUT",
        "MEGA_SYNC_RETRY_DELAYS",
    ] {
        assert!(text.contains(name), "{name} is missing in: {text}");
    }
    assert!(!text.contains("hunter2"));
}

#[test]
fn a_fleet_does_not_share_a_file() {
    let mut source = source(&[("DATABASE_URL", "sqlite://mega-sync.sqlite")]);
    let url = fleet_database_url(&mut source);
    let error = source.finish(url).unwrap_err().to_string();
    assert!(
        error.contains("DATABASE_URL") && error.contains("postgres://"),
        "{error}"
    );
}

#[test]
fn defaults_are_the_documented_ones() {
    let mut source = source(&[
        ("AMQP_URL", "amqp://localhost"),
        ("MEGA_API_URL", "https://erp.example/api"),
        ("MEGA_API_TENANT_ID", "t"),
        ("MEGA_API_USERNAME", "u"),
        ("MEGA_API_PASSWORD", "p"),
    ]);
    let broker = BrokerConfig::read(&mut source).unwrap();
    let mega = MegaConfig::read(&mut source, 16).unwrap();
    source.finish(Some(())).unwrap();
    assert_eq!(broker.topology, Topology::default());
    assert_eq!(
        (mega.timeout.as_secs(), mega.tries, mega.concurrency),
        (60, 4, 16)
    );
}

#[test]
fn settings_do_not_print_their_secrets() {
    let mut source = source(&[
        ("AMQP_URL", "amqp://user:hunter2@host"),
        ("MEGA_API_URL", "https://erp.example"),
        ("MEGA_API_TENANT_ID", "t"),
        ("MEGA_API_USERNAME", "u"),
        ("MEGA_API_PASSWORD", "hunter2"),
    ]);
    let text = format!(
        "{:?} {:?}",
        BrokerConfig::read(&mut source),
        MegaConfig::read(&mut source, 1)
    );
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn a_secret_may_come_by_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let database = file("database", "postgres://u:hunter2@host/db\n");
    let broker = file("broker", "amqp://u:hunter3@host/%2f");
    let password = file("password", "hunter 4\r\n");
    let variables = [
        ("DATABASE_URL_FILE", database.as_str()),
        ("AMQP_URL_FILE", &broker),
        ("MEGA_API_URL", "https://erp.example"),
        ("MEGA_API_TENANT_ID", "t"),
        ("MEGA_API_USERNAME", "u"),
        // Empty, as docker compose sets what has no value.
        ("MEGA_API_PASSWORD", ""),
        ("MEGA_API_PASSWORD_FILE", &password),
    ];
    let mut source = source(&variables);
    let database = fleet_database_url(&mut source).unwrap();
    let (broker, mega) = (
        BrokerConfig::read(&mut source).unwrap(),
        MegaConfig::read(&mut source, 1).unwrap(),
    );
    source.finish(Some(())).unwrap();
    assert_eq!(
        [&database, &broker.url, &mega.password].map(|secret| secret.expose_secret()),
        [
            "postgres://u:hunter2@host/db",
            "amqp://u:hunter3@host/%2f",
            "hunter 4"
        ]
    );
}

#[test]
fn a_secret_file_that_is_of_no_use_is_told_and_not_quoted() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (both, empty, missing) = (path("both"), path("empty"), path("missing"));
    std::fs::write(&both, "hunter2").unwrap();
    std::fs::write(&empty, "\n").unwrap();
    let variables = [
        ("DATABASE_URL", "postgres://u:hunter3@host/db"),
        ("DATABASE_URL_FILE", both.as_str()),
        ("AMQP_URL_FILE", &missing),
        ("MEGA_API_PASSWORD_FILE", &empty),
    ];
    let mut source = source(&variables);
    // A default stands in for what is not set, not for what is wrong.
    assert!(database_url(&mut source, Some("sqlite://x")).is_none());
    let settings = BrokerConfig::read(&mut source)
        .map(|_| ())
        .or(MegaConfig::read(&mut source, 1).map(|_| ()));
    let text = source.finish(settings).unwrap_err().to_string();
    for problem in [
        "DATABASE_URL and DATABASE_URL_FILE are both set",
        "AMQP_URL_FILE names a file that cannot be read: No such file",
        "MEGA_API_PASSWORD_FILE names an empty file",
    ] {
        assert!(text.contains(problem), "{text}");
    }
    assert!(!text.contains("hunter"), "{text}");
}

/// Self-signed, made by `openssl req -x509`.
const CERTIFICATE: &str = "\
-----BEGIN CERTIFICATE-----
MIIBfjCCASWgAwIBAgIUL3Ewfjy1oqk9FXV9maTCQoKDv+8wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJYXV0aG9yaXR5MCAXDTI2MTEyNjAxMDU1N1oYDzIxMjYxMTAy
MDEwNTU3WjAUMRIwEAYDVQQDDAlhdXRob3JpdHkwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARjRReKaGpGEO9gvCc3khnKHnQ9F1pFkD3T5IElO3jE36aMeeXIFtV2
lFACd5JOj+9j/rachvDP9VcsBMXmEYY7o1MwUTAdBgNVHQ4EFgQU+/ef8Jf2Vzh9
wMU2mJhpmBcMG40wHwYDVR0jBBgwFoAU+/ef8Jf2Vzh9wMU2mJhpmBcMG40wDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiB6O900TmUbfbQWrj/vvbK5
tNMuFAFcxCpnVP1B6sZfJwIgcb4GvgIWhLvi2Xnp7aA2P5ecse7ksNyJT9398E8C
FHU=
-----END CERTIFICATE-----
";

#[test]
fn authorities_are_for_all_three() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, CERTIFICATE).unwrap();
    let file = file.to_str().unwrap();
    let variables = [
        ("MEGA_SYNC_CA_FILE", file),
        (
            "DATABASE_URL",
            "postgres://u:p%2F@host/db?sslmode=verify-full",
        ),
        ("AMQP_URL", "amqps://u:p@host/v"),
        ("MEGA_API_URL", "https://erp.example"),
        ("MEGA_API_TENANT_ID", "t"),
        ("MEGA_API_USERNAME", "u"),
        ("MEGA_API_PASSWORD", "p"),
    ];
    let mut source = source(&variables);
    let database = fleet_database_url(&mut source).unwrap();
    let broker = BrokerConfig::read(&mut source).unwrap();
    let mega = MegaConfig::read(&mut source, 1).unwrap();
    source.finish(Some(())).unwrap();
    let ours = Some(Authorities::parse(CERTIFICATE).unwrap());
    assert_eq!((&broker.authorities, &mega.authorities), (&ours, &ours));
    let (before, root) = database
        .expose_secret()
        .split_once("&sslrootcert=")
        .unwrap();
    assert_eq!(before, "postgres://u:p%2F@host/db?sslmode=verify-full");
    assert_eq!(root.replace("%2F", "/"), file);
}

#[test]
fn a_file_without_authorities_is_told_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    for (content, problem) in [
        ("no certificate", "holds no certificate"),
        (
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            "cannot be read",
        ),
    ] {
        std::fs::write(&file, content).unwrap();
        let variables = [
            ("MEGA_SYNC_CA_FILE", file.to_str().unwrap()),
            ("DATABASE_URL", "postgres://host/db"),
            ("AMQP_URL", "amqps://host/v"),
        ];
        let mut source = source(&variables);
        let settings = fleet_database_url(&mut source).zip(BrokerConfig::read(&mut source));
        let error = source.finish(settings).unwrap_err();
        assert!(error.to_string().contains(problem), "{error}");
        assert_eq!(error.problems().len(), 1, "{error}");
    }
}
