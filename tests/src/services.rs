//! The services themselves, for tests that may restart them.

use std::process::Stdio;

use anyhow::{Context as _, ensure};
use tokio::process::Command;

/// Whether tests may restart this machine's PostgreSQL and RabbitMQ, which disturbs whatever else
/// uses them: `MEGA_SYNC_TEST_RESTARTS=1`.
pub fn may_be_restarted() -> bool {
    std::env::var("MEGA_SYNC_TEST_RESTARTS").is_ok_and(|value| value == "1")
}

/// Restarts RabbitMQ's application. Inherits `RABBITMQ_NODENAME`, for a node of another name than
/// the default.
pub async fn restart_broker() -> anyhow::Result<()> {
    for command in ["stop_app", "start_app"] {
        run_as_root(&["rabbitmqctl", "--quiet", command]).await?;
    }
    Ok(())
}

/// Restarts the PostgreSQL cluster on the port of `DATABASE_URL`.
pub async fn restart_database() -> anyhow::Result<()> {
    let url: reqwest::Url = std::env::var("DATABASE_URL")?.parse()?;
    let port = url.port().unwrap_or(5432).to_string();
    let listed = Command::new("pg_lsclusters").arg("-h").output().await?;
    let listed = String::from_utf8(listed.stdout)?;
    let mut clusters = listed
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>());
    let cluster = clusters
        .find(|cluster| cluster.get(2) == Some(&port.as_str()))
        .with_context(|| format!("no cluster on port {port}"))?;
    let (version, name) = (cluster[0], cluster[1]);
    run_as_root(&["pg_ctlcluster", "-m", "fast", version, name, "restart"]).await
}

async fn run_as_root(command: &[&str]) -> anyhow::Result<()> {
    let id = Command::new("id").arg("-u").output().await?;
    let mut words = command.to_vec();
    if id.stdout != b"0\n" {
        words.insert(0, "sudo");
    }
    let status = Command::new(words[0])
        .args(&words[1..])
        .stdin(Stdio::null())
        .status()
        .await?;
    ensure!(status.success(), "{words:?}: {status}");
    Ok(())
}
