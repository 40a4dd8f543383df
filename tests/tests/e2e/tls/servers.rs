//! Servers of this test's own that speak TLS alone, ended with it.

use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use tests::Fleet;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::certificates::{Authority, Certificate};

/// Longest that a server may take to start or to end.
const PATIENCE: Duration = Duration::from_secs(40);

/// A process with its children, and its files.
struct Server {
    child: Child,
    _folder: tempfile::TempDir,
    port: u16,
}

impl Server {
    /// Asks it to end, and waits until it has.
    async fn stop(mut self, signal: &str) -> anyhow::Result<()> {
        self.signal(signal);
        tokio::time::timeout(PATIENCE, self.child.wait()).await??;
        Ok(())
    }

    /// Its process group has the process's number.
    fn signal(&self, signal: &str) {
        if let Some(id) = self.child.id() {
            let group = format!("-{id}");
            let kill = std::process::Command::new("kill")
                .args([signal, "--", &group])
                .status();
            drop(kill);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.signal("-KILL");
    }
}

/// Whom a server runs as: neither takes root.
struct Account {
    ids: Option<(u32, u32)>,
}

impl Account {
    async fn of(name: &str) -> anyhow::Result<Self> {
        let id = async |arguments: &[&str]| {
            let output = Command::new("id").args(arguments).output().await?;
            anyhow::Ok(String::from_utf8(output.stdout)?.trim().parse::<u32>()?)
        };
        if id(&["-u"]).await? != 0 {
            return Ok(Self { ids: None });
        }
        let ids = Some((id(&["-u", name]).await?, id(&["-g", name]).await?));
        Ok(Self { ids })
    }

    fn command(&self, program: impl AsRef<Path>, folder: &Path) -> Command {
        let mut command = Command::new(program.as_ref());
        command
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .process_group(0)
            .kill_on_drop(true);
        if let Some((user, group)) = self.ids {
            command.uid(user).gid(group);
        }
        command
    }

    /// A folder with a copy of the key and the certificate.
    fn folder(&self, certificate: &Certificate) -> anyhow::Result<tempfile::TempDir> {
        let folder = tempfile::tempdir()?;
        let path = folder.path();
        std::fs::copy(&certificate.key, path.join("key"))?;
        std::fs::copy(&certificate.certificate, path.join("pem"))?;
        std::fs::set_permissions(path.join("key"), PermissionsExt::from_mode(0o600))?;
        if let Some((user, group)) = self.ids {
            for path in [path.to_owned(), path.join("key"), path.join("pem")] {
                chown(path, Some(user), Some(group))?;
            }
        }
        Ok(folder)
    }
}

async fn free_port() -> anyhow::Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    Ok(listener.local_addr()?.port())
}

/// Asks until the answer is yes.
async fn until(what: &str, mut asked: impl AsyncFnMut() -> bool) -> anyhow::Result<()> {
    let answered = async {
        let mut ticks = tokio::time::interval(Duration::from_millis(100));
        while !asked().await {
            ticks.tick().await;
        }
    };
    let answered = tokio::time::timeout(PATIENCE, answered).await;
    answered.with_context(|| format!("{what} does not answer"))
}

/// A PostgreSQL that takes connections over TLS alone.
pub struct Database {
    server: Server,
    authority: PathBuf,
}

impl Database {
    pub async fn start(authority: &Authority) -> anyhow::Result<Self> {
        let account = Account::of("postgres").await?;
        let folder = account.folder(&authority.certify("database").await?)?;
        let (path, port) = (folder.path(), free_port().await?);
        let programs = newest_postgres()?;
        let data = path.join("data");
        let made = account
            .command(programs.join("initdb"), path)
            .args(["-U", "mega_sync", "--auth=trust", "--no-sync", "-D"])
            .arg(&data)
            .status()
            .await?;
        ensure!(made.success(), "initdb: {made}");
        let only_tls = "hostssl all all 127.0.0.1/32 trust\nhostssl all all ::1/128 trust\n";
        std::fs::write(data.join("pg_hba.conf"), only_tls)?;
        let child = account
            .command(programs.join("postgres"), path)
            .arg("-D")
            .arg(&data)
            .args(["-p", &port.to_string(), "-c", "ssl=on", "-c", "fsync=off"])
            .args(["-c", "listen_addresses=localhost"])
            .args(["-c", "unix_socket_directories="])
            .args(["-c", "ssl_key_file=../key", "-c", "ssl_cert_file=../pem"])
            .stderr(Stdio::null())
            .spawn()?;
        let server = Server {
            child,
            _folder: folder,
            port,
        };
        let database = Self {
            server,
            authority: authority.file().into(),
        };
        until("PostgreSQL", async || database.pool().await.is_ok()).await?;
        Ok(database)
    }

    pub fn url(&self, host: &str) -> String {
        let port = self.server.port;
        format!("postgres://mega_sync@{host}:{port}/postgres?sslmode=verify-full")
    }

    pub async fn pool(&self) -> anyhow::Result<PgPool> {
        let options = PgConnectOptions::new_without_pgpass()
            .host("127.0.0.1")
            .port(self.server.port)
            .username("mega_sync")
            .database("postgres")
            .ssl_mode(PgSslMode::VerifyFull)
            .ssl_root_cert(&self.authority);
        Ok(PgPool::connect_with(options).await?)
    }

    pub async fn stop(self) -> anyhow::Result<()> {
        self.server.stop("-INT").await
    }
}

/// Where Debian has the programs of a version.
fn newest_postgres() -> anyhow::Result<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql")?;
    let version = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok();
    let newest = versions
        .filter_map(|entry| Some(entry.ok()?.path()))
        .max_by_key(version)
        .context("no PostgreSQL is installed")?;
    Ok(newest.join("bin"))
}

/// A RabbitMQ that listens for TLS alone.
pub struct Broker {
    server: Server,
}

impl Broker {
    pub async fn start(authority: &Authority, name: &str) -> anyhow::Result<Self> {
        let account = Account::of("rabbitmq").await?;
        let folder = account.folder(&authority.certify("broker").await?)?;
        let (path, port) = (folder.path(), free_port().await?);
        let settings = format!(
            "listeners.tcp = none\nlisteners.ssl.1 = 127.0.0.1:{port}\n\
             ssl_options.certfile = {path}/pem\nssl_options.keyfile = {path}/key\n\
             ssl_options.verify = verify_none\n",
            path = path.display()
        );
        std::fs::write(path.join("rabbitmq.conf"), settings)?;
        std::fs::write(path.join("plugins"), "[].")?;
        let child = account
            .command("/usr/lib/rabbitmq/bin/rabbitmq-server", path)
            .env("HOME", path)
            .env("RABBITMQ_NODENAME", format!("{name}-{port}@localhost"))
            .env("RABBITMQ_DIST_PORT", free_port().await?.to_string())
            .env("RABBITMQ_CONFIG_FILE", path.join("rabbitmq.conf"))
            .env("RABBITMQ_ENABLED_PLUGINS_FILE", path.join("plugins"))
            .env("RABBITMQ_MNESIA_BASE", path.join("data"))
            .env("RABBITMQ_LOG_BASE", path.join("log"))
            .env("RABBITMQ_PID_FILE", path.join("pid"))
            .stderr(Stdio::null())
            .spawn()?;
        let server = Server {
            child,
            _folder: folder,
            port,
        };
        Ok(Self { server })
    }

    pub fn url(&self) -> String {
        format!("amqps://guest:guest@127.0.0.1:{}/%2f", self.server.port)
    }

    /// Waits until it takes the fleet's queues.
    pub async fn answers(&self, fleet: &Fleet) -> anyhow::Result<()> {
        until("RabbitMQ", async || fleet.broker().await.is_ok()).await
    }

    pub async fn stop(self) -> anyhow::Result<()> {
        self.server.stop("-TERM").await
    }
}

/// The URL of a listener for TLS that hands on to `url`, for as long as the test runs.
pub async fn https_before(authority: &Authority, url: &str) -> anyhow::Result<String> {
    let Certificate { key, certificate } = authority.certify("erp").await?;
    let config = ServerConfig::builder_with_provider(Arc::new(
        tokio_rustls::rustls::crypto::ring::default_provider(),
    ))
    .with_safe_default_protocol_versions()?
    .with_no_client_auth()
    .with_single_cert(
        vec![CertificateDer::from_pem_file(certificate)?],
        PrivateKeyDer::from_pem_file(key)?,
    )?;
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let behind = url.trim_start_matches("http://").to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, behind) = (acceptor.clone(), behind.clone());
            tokio::spawn(async move {
                let mut client = acceptor.accept(stream).await?;
                let mut server = TcpStream::connect(behind).await?;
                tokio::io::copy_bidirectional(&mut client, &mut server).await
            });
        }
    });
    Ok(format!("https://127.0.0.1:{port}"))
}
