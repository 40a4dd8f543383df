//! chromedriver, which starts a browser for whoever asks.

use std::process::Stdio;

use anyhow::Context as _;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{ChildStdout, Command};

use crate::own_server::OwnServer;
use crate::wait::LONGEST_WAIT;

/// A running chromedriver. It, its browsers and all that they have written are gone when it is dropped.
pub struct Chromedriver {
    server: OwnServer,
    port: u16,
}

impl Chromedriver {
    /// Starts one, where it finds a port.
    pub async fn start() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut command = Command::new("chromedriver");
        command
            .arg("--port=0")
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            // Whatever a browser writes beside its profile goes here.
            .env("HOME", folder.path())
            .env("TMPDIR", folder.path())
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .kill_on_drop(true);
        let mut server = OwnServer::start(command, folder)
            .context("chromedriver is missing: eval \"$(scripts/services)\" installs it")?;
        let told = server.stdout().context("its stdout")?;
        let port = tokio::time::timeout(LONGEST_WAIT, port(told));
        let port = port.await.context("chromedriver does not start")??;
        Ok(Self { server, port })
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A folder of a browser's own.
    pub fn profile(&self) -> String {
        self.server.folder().join("profile").display().to_string()
    }
}

/// The port that chromedriver tells.
async fn port(told: ChildStdout) -> anyhow::Result<u16> {
    let mut lines = BufReader::new(told).lines();
    loop {
        let line = lines.next_line().await?.context("chromedriver has ended")?;
        if let Some((_, port)) = line.split_once("started successfully on port ") {
            // Whoever writes to a pipe that nobody reads is stopped.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Ok(port.trim_end_matches('.').parse()?);
        }
    }
}
