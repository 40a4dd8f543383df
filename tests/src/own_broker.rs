//! A RabbitMQ node of its own, for tests that need other settings than the machine's broker has.

use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use lapin::{Connection, ConnectionProperties};

/// How long a node may take to start.
const STARTS_WITHIN: Duration = Duration::from_secs(60);

/// A running node; ended, with all it holds, when dropped.
pub struct OwnBroker {
    url: String,
    node: Child,
    folder: tempfile::TempDir,
}

impl OwnBroker {
    /// Starts a node that takes back what is in hand for longer than `consumer_timeout`, and looks for
    /// such as often.
    pub async fn start(consumer_timeout: Duration) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let (port, distribution) = (free_port()?, free_port()?);
        let milliseconds = consumer_timeout.as_millis();
        let settings = folder.path().join("rabbitmq.conf");
        std::fs::write(
            &settings,
            format!("listeners.tcp.default = 127.0.0.1:{port}\n"),
        )?;
        // Not every setting has a name in the other file.
        let advanced = folder.path().join("advanced.config");
        std::fs::write(
            &advanced,
            format!(
                "[{{rabbit, [{{consumer_timeout, {milliseconds}}}, \
                 {{channel_tick_interval, {milliseconds}}}]}}].\n"
            ),
        )?;
        let plugins = folder.path().join("enabled_plugins");
        std::fs::write(&plugins, "[].\n")?;
        run(&["chown", "-R", "rabbitmq:rabbitmq"], folder.path())?;
        let in_folder = |name: &str| folder.path().join(name);
        let node = Command::new("setpriv")
            .args(["--reuid=rabbitmq", "--regid=rabbitmq", "--clear-groups"])
            .arg(server()?)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", "/var/lib/rabbitmq")
            .env(
                "RABBITMQ_NODENAME",
                format!("mega_sync_test_{port}@localhost"),
            )
            .env("RABBITMQ_DIST_PORT", distribution.to_string())
            .env("RABBITMQ_CONFIG_FILE", &settings)
            .env("RABBITMQ_ADVANCED_CONFIG_FILE", &advanced)
            .env("RABBITMQ_ENABLED_PLUGINS_FILE", &plugins)
            .env("RABBITMQ_MNESIA_BASE", in_folder("mnesia"))
            .env("RABBITMQ_LOG_BASE", in_folder("log"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // The server's script starts the node as a child of its own: both end with the group.
            .process_group(0)
            .spawn()
            .context("setpriv cannot be started")?;
        let broker = Self {
            url: format!("amqp://guest:guest@127.0.0.1:{port}/%2f"),
            node,
            folder,
        };
        broker.until_it_answers().await?;
        Ok(broker)
    }

    /// Where it is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How many channels it closed, because something was in hand for too long.
    pub fn timeouts(&self) -> anyhow::Result<usize> {
        let mut count = 0;
        for file in std::fs::read_dir(self.folder.path().join("log"))? {
            let log = std::fs::read_to_string(file?.path()).unwrap_or_default();
            count += log.matches("delivery acknowledgement on channel").count();
        }
        Ok(count)
    }

    async fn until_it_answers(&self) -> anyhow::Result<()> {
        let answers = async {
            let mut ticks = tokio::time::interval(Duration::from_millis(200));
            loop {
                ticks.tick().await;
                let connected = Connection::connect(&self.url, ConnectionProperties::default());
                if let Ok(connection) = connected.await {
                    // It is closed when dropped all the same.
                    _ = connection.close(200, "OK".into()).await;
                    return;
                }
            }
        };
        tokio::time::timeout(STARTS_WITHIN, answers)
            .await
            .context("the broker does not start")
    }
}

impl Drop for OwnBroker {
    fn drop(&mut self) {
        let group = format!("-{}", self.node.id());
        // Ended or not, nothing more can be done about it here.
        _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        _ = self.node.wait();
    }
}

fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn server() -> anyhow::Result<PathBuf> {
    let path = PathBuf::from("/usr/lib/rabbitmq/bin/rabbitmq-server");
    ensure!(
        path.exists(),
        "RabbitMQ is not installed as Debian does: {}",
        path.display()
    );
    Ok(path)
}

fn run(command: &[&str], path: &std::path::Path) -> anyhow::Result<()> {
    let status = Command::new(command[0])
        .args(&command[1..])
        .arg(path)
        .status()?;
    ensure!(status.success(), "{command:?}: {status}");
    Ok(())
}
