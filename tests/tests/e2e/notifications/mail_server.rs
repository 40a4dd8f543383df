//! A mail server of a test's own: aiosmtpd, with TLS and a password.

use std::process::Stdio;
use std::time::Duration;

use anyhow::Context as _;
use serde::Deserialize;
use tests::LONGEST_WAIT;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use crate::tls::certificates::Certificate;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/smtp/server.py");

/// Whoever signs in at the server.
pub const USER: &str = "mega@obra.com.br";
pub const PASSWORD: &str = "hunter2 %40/é";

/// A running server; gone when dropped.
pub struct MailServer {
    pub port: u16,
    lines: Lines<BufReader<ChildStdout>>,
    _child: Child,
}

/// A mail that has arrived.
#[derive(Debug, Deserialize)]
pub struct Mail {
    pub from: String,
    pub to: Vec<String>,
    pub subject: String,
    pub message_id: String,
    pub text: String,
}

impl MailServer {
    /// A server that speaks TLS from the first byte (`tls`), or once it is asked to (`starttls`).
    pub async fn start(mode: &str, certificate: &Certificate) -> anyhow::Result<Self> {
        let packages = std::env::var("MEGA_SYNC_TEST_SMTP")
            .context("MEGA_SYNC_TEST_SMTP is not set: eval \"$(scripts/services)\"")?;
        let mut child = Command::new("python3")
            .arg(SCRIPT)
            .arg(mode)
            .args([&certificate.certificate, &certificate.key])
            .args([USER, PASSWORD])
            .env("PYTHONPATH", packages)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let stdout = child.stdout.take().context("it is piped")?;
        let mut lines = BufReader::new(stdout).lines();
        let port = next(&mut lines, LONGEST_WAIT).await?.parse()?;
        Ok(Self {
            port,
            lines,
            _child: child,
        })
    }

    /// The next mail.
    pub async fn mail(&mut self) -> anyhow::Result<Mail> {
        let line = next(&mut self.lines, LONGEST_WAIT).await?;
        Ok(serde_json::from_str(&line)?)
    }
}

async fn next(
    lines: &mut Lines<BufReader<ChildStdout>>,
    within: Duration,
) -> anyhow::Result<String> {
    let line = timeout(within, lines.next_line()).await??;
    line.context("the mail server has ended")
}
