//! A RabbitMQ node of its own, for tests that need other settings than the machine's broker has.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use lapin::{Connection, ConnectionProperties};

use crate::own_server::{Account, OwnServer, free_port};
use crate::wait;

/// How long an answering node takes at most to greet.
const A_GREETING: Duration = Duration::from_secs(5);

/// A running node; ended, with all it holds, when dropped.
pub struct OwnBroker {
    url: String,
    server: OwnServer,
}

impl OwnBroker {
    /// Starts a node that closes a channel whose delivery is unacknowledged for `consumer_timeout`, and
    /// looks for such as often. It answers once this returns.
    pub async fn impatient(consumer_timeout: Duration) -> anyhow::Result<Self> {
        let account = Account::of("rabbitmq").await?;
        let (folder, port) = (account.folder()?, free_port().await?);
        let milliseconds = consumer_timeout.as_millis();
        // Not every setting has a name in the other file.
        std::fs::write(
            folder.path().join("advanced.config"),
            format!(
                "[{{rabbit, [{{consumer_timeout, {milliseconds}}}, \
                 {{channel_tick_interval, {milliseconds}}}]}}].\n"
            ),
        )?;
        let settings = format!("listeners.tcp.default = 127.0.0.1:{port}\n");
        let mut broker = Self {
            url: format!("amqp://guest:guest@127.0.0.1:{port}/%2f"),
            server: start(&account, folder, port, &settings).await?,
        };
        wait::until("RabbitMQ answers", async || {
            ensure!(!broker.server.has_ended()?, "RabbitMQ has ended");
            Ok(broker.answers().await)
        })
        .await
        .with_context(|| broker.log().unwrap_or_default())?;
        Ok(broker)
    }

    /// Starts a node that listens for TLS alone, with copies of a key and its certificate. Whether
    /// it answers is for those to see who trust the certificate.
    pub async fn over_tls(key: &Path, certificate: &Path) -> anyhow::Result<Self> {
        let account = Account::of("rabbitmq").await?;
        let (folder, port) = (account.folder()?, free_port().await?);
        account.give_copies(folder.path(), key, certificate)?;
        let settings = format!(
            "listeners.tcp = none\nlisteners.ssl.1 = 127.0.0.1:{port}\n\
             ssl_options.certfile = {path}/pem\nssl_options.keyfile = {path}/key\n\
             ssl_options.verify = verify_none\n",
            path = folder.path().display()
        );
        Ok(Self {
            url: format!("amqps://guest:guest@127.0.0.1:{port}/%2f"),
            server: start(&account, folder, port, &settings).await?,
        })
    }

    /// Where it is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How many channels it closed because a delivery was unacknowledged for too long.
    pub fn timeouts(&self) -> anyhow::Result<usize> {
        let line = "delivery acknowledgement on channel";
        Ok(self.log()?.matches(line).count())
    }

    /// What it wrote of itself.
    fn log(&self) -> anyhow::Result<String> {
        let mut log = String::new();
        for file in std::fs::read_dir(self.server.folder().join("log"))? {
            let path = file?.path();
            if path.extension().is_some_and(|extension| extension == "log") {
                log += &std::fs::read_to_string(path)?;
            }
        }
        Ok(log)
    }

    /// Ends it in good order.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.server.stop("TERM").await
    }

    /// A node that is not quite up may take a connection and leave it without an answer.
    async fn answers(&self) -> bool {
        let greeting = async {
            let connection =
                Connection::connect(&self.url, ConnectionProperties::default()).await?;
            connection.close(200, "OK".into()).await
        };
        matches!(tokio::time::timeout(A_GREETING, greeting).await, Ok(Ok(())))
    }
}

async fn start(
    account: &Account,
    folder: tempfile::TempDir,
    port: u16,
    settings: &str,
) -> anyhow::Result<OwnServer> {
    let in_folder = |name: &str| folder.path().join(name);
    std::fs::write(in_folder("rabbitmq.conf"), settings)?;
    std::fs::write(in_folder("plugins"), "[].\n")?;
    let mut command = account.command(program()?, folder.path());
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder.path())
        .env("RABBITMQ_NODENAME", format!("mega_sync_{port}@localhost"))
        .env("RABBITMQ_DIST_PORT", free_port().await?.to_string())
        .env("RABBITMQ_CONFIG_FILE", in_folder("rabbitmq.conf"))
        .env("RABBITMQ_ENABLED_PLUGINS_FILE", in_folder("plugins"))
        .env("RABBITMQ_MNESIA_BASE", in_folder("mnesia"))
        .env("RABBITMQ_LOG_BASE", in_folder("log"))
        .env("RABBITMQ_PID_FILE", in_folder("pid"));
    let advanced = in_folder("advanced.config");
    if advanced.exists() {
        command.env("RABBITMQ_ADVANCED_CONFIG_FILE", advanced);
    }
    OwnServer::start(command, folder)
}

fn program() -> anyhow::Result<PathBuf> {
    let path = PathBuf::from("/usr/lib/rabbitmq/bin/rabbitmq-server");
    ensure!(
        path.exists(),
        "RabbitMQ is not installed as Debian does: {}",
        path.display()
    );
    Ok(path)
}
