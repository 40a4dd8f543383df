//! `worker --check`: asks the worker beside it, for images without any other HTTP client.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use clap::ValueEnum;
use reqwest::StatusCode;
use thiserror::Error;

/// Longest that a living worker may take to answer: more than its own patience with what it needs.
const TIMEOUT: Duration = Duration::from_secs(8);

/// What to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Probe {
    /// Whether it lives: `/healthz`
    Health,
    /// Whether it can work, and what is away: `/readyz`
    Ready,
}

/// Why a worker does not count as healthy, or ready.
#[derive(Debug, Error)]
pub enum CheckError {
    /// There is no address to ask at.
    #[error("no worker listens: set MEGA_SYNC_LISTEN")]
    Nowhere,
    /// No answer.
    #[error("no worker answers on {address}")]
    NoAnswer {
        /// Where it was asked.
        address: SocketAddr,
        /// What the network said.
        source: reqwest::Error,
    },
    /// It says no itself, and why.
    #[error("the worker is not well:\n{0}")]
    NotWell(String),
}

/// Asks the worker that listens on `listen`, and returns what it says.
///
/// # Errors
/// When it does not answer, or with another status than 200.
pub async fn check(probe: Probe, listen: Option<SocketAddr>) -> Result<String, CheckError> {
    let mut address = listen.ok_or(CheckError::Nowhere)?;
    // Who listens everywhere is asked here.
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    let path = match probe {
        Probe::Health => "healthz",
        Probe::Ready => "readyz",
    };
    let url = format!("http://{address}/{path}");
    let (status, text) = ask(&url).await.map_err(|error| CheckError::NoAnswer {
        address,
        source: error.without_url(),
    })?;
    match status {
        StatusCode::OK => Ok(text),
        _ => Err(CheckError::NotWell(text)),
    }
}

async fn ask(url: &str) -> reqwest::Result<(StatusCode, String)> {
    runtime::tls::install_provider();
    let client = reqwest::Client::builder().no_proxy().timeout(TIMEOUT);
    let answer = client.build()?.get(url).send().await?;
    Ok((answer.status(), answer.text().await?))
}
