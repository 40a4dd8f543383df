//! A server of a test's own: it runs as its package's account, in a folder that goes with it.

use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio::process::{Child, ChildStdout, Command};

use crate::wait::LONGEST_WAIT;

/// The ports for servers. Those that Linux hands out by itself begin at 32768.
const FIRST_PORT: u16 = 20_000;
const PORTS: u32 = 12_000;

/// The account that a server runs as. PostgreSQL and RabbitMQ refuse to run as root.
pub struct Account {
    /// The user and its group; `None` where the tests themselves are not root.
    ids: Option<(u32, u32)>,
}

impl Account {
    /// The account of this name, or the tests' own where they are not root.
    pub async fn of(name: &str) -> anyhow::Result<Self> {
        let id = async |arguments: &[&str]| {
            let output = Command::new("id").args(arguments).output().await?;
            let text = String::from_utf8(output.stdout)?;
            text.trim()
                .parse::<u32>()
                .with_context(|| format!("there is no account {name}"))
        };
        if id(&["-u"]).await? != 0 {
            return Ok(Self { ids: None });
        }
        let ids = Some((id(&["-u", name]).await?, id(&["-g", name]).await?));
        Ok(Self { ids })
    }

    /// A folder of the account's own.
    pub fn folder(&self) -> anyhow::Result<tempfile::TempDir> {
        let folder = tempfile::tempdir()?;
        self.give(folder.path())?;
        Ok(folder)
    }

    /// Copies of a key and its certificate, as the files `key` and `pem` of a folder. The key's copy
    /// is for the account alone, as the servers demand.
    pub fn give_copies(&self, folder: &Path, key: &Path, certificate: &Path) -> anyhow::Result<()> {
        for (file, name) in [(key, "key"), (certificate, "pem")] {
            let copy = folder.join(name);
            std::fs::copy(file, &copy)?;
            std::fs::set_permissions(&copy, Permissions::from_mode(0o600))?;
            self.give(&copy)?;
        }
        Ok(())
    }

    fn give(&self, path: &Path) -> anyhow::Result<()> {
        if let Some((user, group)) = self.ids {
            chown(path, Some(user), Some(group))?;
        }
        Ok(())
    }

    /// A program that runs as the account, in a folder and a process group of its own.
    pub fn command(&self, program: impl AsRef<Path>, folder: &Path) -> Command {
        let mut command = Command::new(program.as_ref());
        command
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .kill_on_drop(true);
        if let Some((user, group)) = self.ids {
            command.uid(user).gid(group);
        }
        command
    }
}

/// A running server with its children and its files; all are gone when it is dropped.
pub struct OwnServer {
    child: Child,
    folder: tempfile::TempDir,
}

impl OwnServer {
    /// Starts a command of [`Account::command`] over a folder.
    pub fn start(mut command: Command, folder: tempfile::TempDir) -> anyhow::Result<Self> {
        let child = command.spawn().context("the server cannot be started")?;
        Ok(Self { child, folder })
    }

    /// Its stdout, where the command pipes it; to be taken once.
    pub fn stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// Where its files are.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Whether it is over.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn has_ended(&mut self) -> anyhow::Result<bool> {
        Ok(self.child.try_wait()?.is_some())
    }

    /// Sends a signal by its name, such as `TERM`, and waits until the server has ended.
    pub async fn stop(mut self, signal: &str) -> anyhow::Result<()> {
        self.signal(signal);
        tokio::time::timeout(LONGEST_WAIT, self.child.wait()).await??;
        Ok(())
    }

    /// A server's script starts the server as a child: both are in the group.
    fn signal(&self, signal: &str) {
        if let Some(id) = self.child.id() {
            let group = format!("-{id}");
            let kill = std::process::Command::new("kill")
                .args(["-s", signal, "--", &group])
                .status();
            // A group that has ended cannot be signalled, which is as well.
            drop(kill);
        }
    }
}

impl Drop for OwnServer {
    fn drop(&mut self) {
        self.signal("KILL");
    }
}

/// A port of 127.0.0.1 that is free, another one each time, and that no outgoing connection takes
/// before the server listens: it lies below the ports that the system hands out by itself.
pub async fn free_port() -> anyhow::Result<u16> {
    static ASKED: AtomicU32 = AtomicU32::new(0);
    loop {
        // Every test is a process of its own, and begins somewhere else.
        let place = std::process::id()
            .wrapping_mul(31)
            .wrapping_add(ASKED.fetch_add(1, Ordering::Relaxed));
        let port = FIRST_PORT + u16::try_from(place % PORTS)?;
        if TcpListener::bind(("127.0.0.1", port)).await.is_ok() {
            return Ok(port);
        }
    }
}
