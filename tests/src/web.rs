//! The page of a fleet.

use std::process::Stdio;

use anyhow::Context as _;
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::Command;

use crate::fleet::Fleet;
use crate::process::Process;

/// A running page, and a browser's part of asking for it.
pub struct Web {
    process: Process,
    client: Client,
    address: String,
}

impl Web {
    /// Starts the page of a fleet, where it finds a port.
    pub async fn of(fleet: &Fleet) -> anyhow::Result<Self> {
        Self::with(fleet, &[]).await
    }

    /// The same with more flags.
    pub async fn with(fleet: &Fleet, flags: &[&str]) -> anyhow::Result<Self> {
        Self::start(fleet.command("web")?.args(flags)).await
    }

    /// Starts any program that shows the page.
    pub async fn start(command: &mut Command) -> anyhow::Result<Self> {
        let mut child = command
            .args(["--listen", "127.0.0.1:0"])
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let told = child.stderr.take().context("its stderr")?;
        let mut lines = BufReader::new(told).lines();
        let address = loop {
            let line = lines.next_line().await?.context("the page has ended")?;
            if let Some(address) = line.strip_prefix("http://") {
                break format!("http://{}", address.trim_end_matches('/'));
            }
            eprintln!("{line}");
        };
        // Whoever writes to a pipe that nobody reads is stopped.
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                eprintln!("{line}");
            }
        });
        runtime::tls::install_provider();
        Ok(Self {
            process: Process(child),
            client: Client::builder().no_proxy().build()?,
            address,
        })
    }

    /// The hash of a password, as the program prints it.
    pub async fn hash(fleet: &Fleet, password: &str) -> anyhow::Result<String> {
        let mut child = fleet
            .command("web")?
            .arg("hash-password")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut stdin = child.stdin.take().context("its stdin")?;
        stdin.write_all(format!("{password}\n").as_bytes()).await?;
        drop(stdin);
        let output = child.wait_with_output().await?;
        anyhow::ensure!(output.status.success(), "no hash: {}", output.status);
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }

    /// A request, to be sent.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.address);
        self.client.request(method, url)
    }

    /// What a path answers.
    pub async fn get(&self, path: &str) -> anyhow::Result<(StatusCode, String)> {
        let answer = self.request(Method::GET, path).send().await?;
        Ok((answer.status(), answer.text().await?))
    }

    /// Sends a form as a page from `origin` would; gives the status, after the page that it leads to.
    pub async fn post(&self, path: &str, form: &str, origin: &str) -> anyhow::Result<StatusCode> {
        let sent = self
            .request(Method::POST, path)
            .header("origin", origin)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.to_owned());
        Ok(sent.send().await?.status())
    }

    /// Where its own pages come from.
    pub fn origin(&self) -> &str {
        &self.address
    }

    /// Its process id.
    pub fn pid(&self) -> Option<u32> {
        self.process.id()
    }

    /// Kills it.
    pub async fn kill(mut self) -> anyhow::Result<()> {
        self.process.signal("KILL").await?;
        self.process.ended().await?;
        Ok(())
    }

    /// Asks it to stop; it must end in good order.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        self.process.signal("TERM").await?;
        let code = self.process.ended().await?;
        anyhow::ensure!(code == Some(0), "the page ended in {code:?}");
        Ok(())
    }
}
