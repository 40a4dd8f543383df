//! The settings and services as they are now, each asked once.

use std::sync::Arc;

use chrono::Utc;
use mega::{MegaClient, MegaConfig, Probe, Taken};
use queue::amqp;
use queue::{BrokerConfig, Depths};
use secrecy::{ExposeSecret as _, SecretString};
use store::Store;

use super::check::Check;
use super::settings::{BrokerSettings, Settings};
use super::{broker, database, encryption, erp, indices, pause, views, workers};
use crate::error::CommandError;
use crate::program::Program;
use crate::text::day_of;

/// Checks every setting and service. Changes nothing, except that with `sign_in` a session is begun
/// and kept where there is none.
pub(crate) async fn examine(program: Program, settings: &Settings, sign_in: bool) -> Vec<Check> {
    let mut checks = vec![settings.check()];
    let (found, store) = match &settings.database {
        Some(url) => examine_database(program, url).await,
        None => (vec![Check::unset(database::DATABASE)], None),
    };
    checks.extend(found);
    let (found, depths) = match &settings.broker {
        BrokerSettings::InProcess => (vec![broker::in_process()], None),
        BrokerSettings::Unusable => (vec![Check::unset(broker::BROKER)], None),
        BrokerSettings::At(config) => examine_broker(program, config).await,
    };
    checks.extend(found);
    checks.push(examine_workers(program, store.as_deref(), depths).await);
    if let Some(store) = &store {
        checks.extend(pause::pause(store.pause_of_fleet().await, program));
    }
    checks.push(match &store {
        Some(store) => {
            let load = store.last_ipca_load().await.unwrap_or_default();
            indices::indices(store.ipca().await, load, day_of(Utc::now()), program)
        }
        None => indices::unknown(),
    });
    if let Some(store) = &store {
        checks.extend(views::views(store.installed_views().await, program));
    }
    checks.extend(match &settings.mega {
        Some(config) => examine_erp(program, config, store, sign_in).await,
        None => vec![Check::unset(erp::ERP)],
    });
    checks
}

/// The checks of the database, and the database if the other checks can use it.
async fn examine_database(
    program: Program,
    url: &SecretString,
) -> (Vec<Check>, Option<Arc<dyn Store>>) {
    let file = match store::file_of(url) {
        Ok(file) => file,
        Err(error) => return (vec![database::unreachable(error)], None),
    };
    if let Some(file) = file.as_deref().filter(|file| !file.exists()) {
        let free = database::free_space(file);
        return (vec![database::no_file(file), free], None);
    }
    let store = match store::connect(url).await {
        Ok(store) => store,
        Err(error) => return (vec![database::unreachable(error)], None),
    };
    let diagnosis = match store.diagnose().await {
        Ok(diagnosis) => diagnosis,
        Err(error) => return (vec![database::unreachable(error)], None),
    };
    let mut checks = database::checks(&diagnosis, file.is_none(), program);
    if let Ok(Some(encryption)) = store::encryption_of(url) {
        checks.push(encryption::database(encryption));
    }
    match diagnosis.schema.missing.is_empty() {
        true => checks.push(database::write(store.try_write().await)),
        false => checks.push(database::write_untried()),
    }
    checks.push(match &file {
        Some(file) => database::free_space(file),
        None => database::size(diagnosis.size_bytes),
    });
    let whole = diagnosis.schema.missing.is_empty();
    (checks, Some(store).filter(|_| whole))
}

async fn examine_broker(program: Program, config: &BrokerConfig) -> (Vec<Check>, Option<Depths>) {
    match amqp::diagnose(config).await {
        Ok(diagnosis) => {
            let mut checks = broker::checks(&diagnosis, program);
            checks.extend(encryption::broker(config.url.expose_secret()));
            (checks, diagnosis.depths)
        }
        Err(error) => (vec![broker::unreachable(error)], None),
    }
}

async fn examine_workers(
    program: Program,
    store: Option<&dyn Store>,
    depths: Option<Depths>,
) -> Check {
    match store {
        _ if program == Program::MegaSync => workers::in_process(),
        None => workers::unknown(),
        Some(store) => workers::alive(store.fleet().await, depths, Utc::now()),
    }
}

async fn examine_erp(
    program: Program,
    config: &MegaConfig,
    store: Option<Arc<dyn Store>>,
    sign_in: bool,
) -> Vec<Check> {
    // One try: a person waits to see how the ERP answers.
    let config = MegaConfig {
        tries: 1,
        ..config.clone()
    };
    let probe = match Probe::new(&config) {
        Ok(probe) => probe,
        Err(error) => return vec![erp::unusable(error)],
    };
    let reached = probe.reach().await;
    let answers = reached.is_ok();
    let check = erp::reached(reached, &config.url);
    let Some(store) = store else {
        return vec![check, erp::session_unknown()];
    };
    let session = match store.session().await {
        Ok(session) => session,
        Err(error) => return vec![check, erp::session_failed(error)],
    };
    let now = Utc::now();
    let sign_in = match (session.refused, session.token) {
        (Some(refusal), _) => erp::refused(&refusal, program),
        _ if !answers => erp::not_asked(),
        (None, Some(token)) if token.expires_at > now => match probe.takes(&token).await {
            Ok(Taken::No) if sign_in => {
                erp::signed_in(begin_session(&config, store).await, program)
            }
            taken => erp::session(taken, token.expires_at, program),
        },
        (None, _) if sign_in => erp::signed_in(begin_session(&config, store).await, program),
        (None, _) => erp::no_session(program),
    };
    vec![check, sign_in]
}

/// Makes one call as every program does: it renews the session or signs in where needed, and a
/// refusal stops the fleet's sign-ins. Returns the number of empreendimentos.
async fn begin_session(config: &MegaConfig, store: Arc<dyn Store>) -> Result<usize, CommandError> {
    let client = MegaClient::new(config.clone(), store)?;
    let (catalogue, _) = client.catalogue().await?;
    Ok(catalogue.empreendimentos.len())
}
