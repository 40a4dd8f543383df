//! A worker that is watched over HTTP.

use tests::{Fleet, Process};

use super::exposition::Exposition;

/// A worker, and the address that it answers on.
pub(super) struct Watched {
    pub(super) address: String,
    _worker: Process,
}

impl Watched {
    pub(super) fn start(fleet: &Fleet) -> anyhow::Result<Self> {
        runtime::tls::install_provider();
        let address = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let address = address.to_string();
        let worker = fleet.worker(&["--listen", &address])?;
        Ok(Self {
            address,
            _worker: worker,
        })
    }

    pub(super) async fn ask(&self, path: &str) -> anyhow::Result<(u16, String)> {
        let answer = reqwest::get(format!("http://{}/{path}", self.address)).await?;
        Ok((answer.status().as_u16(), answer.text().await?))
    }

    pub(super) async fn scrape(&self) -> anyhow::Result<Exposition> {
        let answer = reqwest::get(format!("http://{}/metrics", self.address)).await?;
        let kind = answer.headers()["content-type"].to_str()?.to_owned();
        anyhow::ensure!(kind.starts_with("text/plain; version=0.0.4"), "{kind}");
        Exposition::read(&answer.text().await?)
    }
}
