//! What must never be in an error or a log.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::session::SessionStore;
use mega::{MegaConfig, MemorySessionStore};
use secrecy::ExposeSecret;
use simulator::{FaultKind, Route, Selector};
use tracing_subscriber::fmt::MakeWriter;

use crate::*;

/// Gathers all that is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

fn every_fault() -> Vec<FaultKind> {
    vec![
        status(401),
        status(404),
        status(500),
        status_after(429, 31),
        FaultKind::Truncated,
        FaultKind::HtmlPage,
        FaultKind::PlainText,
        FaultKind::WrongShape,
        FaultKind::Garbage,
        FaultKind::InvalidUtf8,
        FaultKind::LargeBody { bytes: 65 << 20 },
        FaultKind::ResetConnection,
        FaultKind::Hang,
    ]
}

/// All that errors and logs say while everything goes wrong, and the tokens that were used.
async fn said_when_all_goes_wrong(log: &Log) -> (String, Vec<String>) {
    let (mut said, mut tokens) = (String::new(), Vec::new());
    let routes = [Route::DadosParcelas, Route::SignIn, Route::RefreshToken];
    for (kind, route) in every_fault()
        .into_iter()
        .flat_map(|kind| routes.map(|route| (kind.clone(), route)))
    {
        let erp = erp().await;
        let store = Arc::<MemorySessionStore>::default();
        let config = MegaConfig {
            timeout: Duration::from_millis(700),
            tries: 2,
            ..config(&erp.url())
        };
        assert!(!format!("{config:?}").contains("senha-sigilosa"));
        let client = client_of(config, &store);
        if route != Route::SignIn {
            parcelas(&client).await.unwrap();
            erp.void_access_tokens();
            let token = store.session().await.unwrap().token.unwrap();
            said += &format!("{token:?}");
            tokens.push(token.access.expose_secret().to_owned());
            tokens.push(token.refresh.unwrap().expose_secret().to_owned());
        }
        erp.fault(Fault::always(Selector::route(route), kind));
        erp.refuse_sign_ins(route == Route::RefreshToken);
        if let Err(error) = parcelas(&client).await {
            said += &format!("{error} {error:?} {}", error.fingerprint());
        }
        said += &format!("{client:?} {store:?}");
    }
    said += &String::from_utf8_lossy(&log.0.lock().unwrap());
    (said, tokens)
}

#[tokio::test]
async fn errors_and_logs_hold_no_secret_and_no_body() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    let _logging = tracing::subscriber::set_default(subscriber);
    let (said, tokens) = said_when_all_goes_wrong(&log).await;
    assert!(said.contains("the fleet makes no further sign-in"));
    assert!(tokens.len() > 10);
    // What the simulator's refusals, errors, pages and records say.
    let bodies = [
        "inválid",
        "falha simulada",
        "DOCTYPE",
        "Ocorreu um erro",
        "BANCO",
        "Mensal",
    ];
    for secret in ["senha-sigilosa", "usuario-sigiloso"]
        .into_iter()
        .chain(bodies)
    {
        assert!(!said.contains(secret), "{secret}");
    }
    for token in tokens {
        assert!(!said.contains(&token), "{token}");
    }
}
