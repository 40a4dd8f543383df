//! A private authority, and what it certifies.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::ensure;
use tokio::process::Command;

/// Signs certificates for 127.0.0.1.
pub struct Authority {
    folder: PathBuf,
    name: &'static str,
}

/// A server's key and certificate, as files that anybody may read.
pub struct Certificate {
    pub key: PathBuf,
    pub certificate: PathBuf,
}

impl Authority {
    /// A new one, with its files in a folder.
    pub async fn new(folder: &Path, name: &'static str) -> anyhow::Result<Self> {
        let authority = Self {
            folder: folder.to_owned(),
            name,
        };
        authority
            .request(
                name,
                &["-x509", "-addext", "basicConstraints=critical,CA:TRUE"],
            )
            .await?;
        Ok(authority)
    }

    /// The PEM file for `MEGA_SYNC_CA_FILE`.
    pub fn file(&self) -> String {
        self.path(self.name, "pem").display().to_string()
    }

    /// A certificate for a server on 127.0.0.1.
    pub async fn certify(&self, server: &str) -> anyhow::Result<Certificate> {
        let (key, certificate) = (self.path(self.name, "key"), self.file());
        let key = key.display().to_string();
        let signed_by = ["-x509", "-CA", &certificate, "-CAkey", &key];
        let name = ["-addext", "subjectAltName=IP:127.0.0.1"];
        let server_only = ["-addext", "basicConstraints=critical,CA:FALSE"];
        let arguments = [&signed_by[..], &name, &server_only].concat();
        self.request(server, &arguments).await?;
        Ok(Certificate {
            key: self.path(server, "key"),
            certificate: self.path(server, "pem"),
        })
    }

    fn path(&self, name: &str, extension: &str) -> PathBuf {
        self.folder.join(format!("{name}.{extension}"))
    }

    async fn request(&self, name: &str, arguments: &[&str]) -> anyhow::Result<()> {
        let output = Command::new("openssl")
            .args([
                "req",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
            ])
            .args(["-nodes", "-days", "2", "-subj", &format!("/CN={name}")])
            .arg("-keyout")
            .arg(self.path(name, "key"))
            .arg("-out")
            .arg(self.path(name, "pem"))
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .await?;
        let told = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "openssl: {told}");
        Ok(())
    }
}
