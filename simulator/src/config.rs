//! What a simulator is started with.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use crate::latency::Latency;
use crate::seeded::Seeded;

/// Settings of one simulator. Start from [`Config::folder`] or [`Config::seeded`] and change
/// fields.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the bodies come from.
    pub source: DataSource,
    /// Where to listen. Default `127.0.0.1:0`, a free port.
    pub listen: SocketAddr,
    /// What a sign-in must bring.
    pub credentials: Credentials,
    /// How long an access token is valid. Default 2 hours; its refresh token lives twice as long.
    pub token_lifetime: Duration,
    /// Refused sign-ins in a row that lock the account; 0 never locks. Default 5.
    pub lock_after: u32,
    /// How long data calls take at first. Default none.
    pub latency: Latency,
    /// Whether bodies are compressed for clients that accept gzip. Default true.
    pub gzip: bool,
    /// Seed of the draws of [`crate::Extent::Share`]. Default 1.
    pub fault_seed: u64,
}

impl Config {
    /// Serves a folder: `empreendimentos.json`, `contratos/<codigo>.json` (`0.json` for all),
    /// `parcelas/<cod_contrato>.json` and `faturas.jsonl`. A file that is not there is empty.
    pub fn folder(path: impl Into<PathBuf>) -> Self {
        Self::with(DataSource::Folder(path.into()))
    }

    /// Serves synthetic data computed from a seed.
    pub fn seeded(seeded: Seeded) -> Self {
        Self::with(DataSource::Seeded(seeded))
    }

    fn with(source: DataSource) -> Self {
        Self {
            source,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            credentials: Credentials::default(),
            token_lifetime: Duration::from_secs(2 * 60 * 60),
            lock_after: 5,
            latency: Latency::NONE,
            gzip: true,
            fault_seed: 1,
        }
    }
}

/// Where the bodies come from.
#[derive(Debug, Clone)]
pub enum DataSource {
    /// A folder of recorded bodies; see [`Config::folder`].
    Folder(PathBuf),
    /// Data computed from a seed.
    Seeded(Seeded),
}

/// What a sign-in must bring. The defaults are for demonstrations and protect nothing.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// GUID of the `tenantId` header.
    pub tenant_id: String,
    /// `userName` of the body.
    pub username: String,
    /// `password` of the body.
    pub password: String,
}

impl Default for Credentials {
    fn default() -> Self {
        Self {
            tenant_id: "00000000-0000-4000-8000-000000000001".into(),
            username: "demo".into(),
            password: "demo".into(),
        }
    }
}

/// Why a simulator did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The data folder cannot be read.
    #[error("cannot read {}", path.display())]
    Folder {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: io::Error,
    },
    /// A setting makes no sense.
    #[error("{0}")]
    Setting(String),
}
