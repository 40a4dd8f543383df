//! A PostgreSQL of this test's own, and an ERP, that speak TLS alone.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use tests::own_server::{Account, OwnServer, free_port};
use tests::wait;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::certificates::{Authority, Certificate};

/// A PostgreSQL that takes connections over TLS alone.
pub struct Database {
    server: OwnServer,
    port: u16,
    authority: PathBuf,
}

impl Database {
    pub async fn start(authority: &Authority) -> anyhow::Result<Self> {
        let account = Account::of("postgres").await?;
        let Certificate { key, certificate } = authority.certify("database").await?;
        let (folder, port) = (account.folder()?, free_port().await?);
        let path = folder.path();
        account.give_copies(path, &key, &certificate)?;
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
        let mut command = account.command(programs.join("postgres"), path);
        command
            .arg("-D")
            .arg(&data)
            .args(["-p", &port.to_string(), "-c", "ssl=on", "-c", "fsync=off"])
            .args(["-c", "listen_addresses=localhost"])
            .args(["-c", "unix_socket_directories="])
            .args(["-c", "ssl_key_file=../key", "-c", "ssl_cert_file=../pem"]);
        let database = Self {
            server: OwnServer::start(command, folder)?,
            port,
            authority: authority.file().into(),
        };
        wait::until("PostgreSQL answers", async || {
            Ok(database.pool().await.is_ok())
        })
        .await?;
        Ok(database)
    }

    pub fn url(&self, host: &str) -> String {
        let port = self.port;
        format!("postgres://mega_sync@{host}:{port}/postgres?sslmode=verify-full")
    }

    pub async fn pool(&self) -> anyhow::Result<PgPool> {
        let options = PgConnectOptions::new_without_pgpass()
            .host("127.0.0.1")
            .port(self.port)
            .username("mega_sync")
            .database("postgres")
            .ssl_mode(PgSslMode::VerifyFull)
            .ssl_root_cert(&self.authority);
        Ok(PgPool::connect_with(options).await?)
    }

    pub async fn stop(self) -> anyhow::Result<()> {
        self.server.stop("INT").await
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
