//! The command line.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use ipnet::IpNet;
use producer::cli::DatabaseArgs;
use runtime::environment::Source;

use crate::door::Door;
use crate::users::Users;

/// Show runs and figures in a browser, in Portuguese or English
#[derive(Debug, Parser)]
#[command(name = "web", version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// Where the tables are.
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// Where and to whom.
    #[command(flatten)]
    pub page: PageArgs,
    /// Something else than showing.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What `web` does beside showing.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read a password from stdin and print its hash, for the file of --users
    HashPassword,
}

/// Where the page is shown, and to whom.
#[derive(Debug, Clone, Args)]
pub struct PageArgs {
    /// Listen here. An address that other machines reach needs --users or --trusted-proxy
    #[arg(long, value_name = "ADDRESS", env = "MEGA_SYNC_WEB_LISTEN", hide_env_values = true,
          default_value = "127.0.0.1:8080", value_parser = address)]
    pub listen: SocketAddr,
    /// Show, and change nothing. The program web then needs no AMQP_URL
    #[arg(long)]
    pub read_only: bool,
    /// Let these users in, after they sign in: a file with a line name:role:hash for each, where role is
    /// viewer or operator [default: anybody on this machine]
    #[arg(
        long,
        value_name = "FILE",
        env = "MEGA_SYNC_WEB_USERS",
        hide_env_values = true
    )]
    pub users: Option<PathBuf>,
    /// Let whom a proxy at these addresses or networks names in the header X-Forwarded-User in. Who is not
    /// in the file of --users is a viewer
    #[arg(long, value_name = "ADDRESS,…", env = "MEGA_SYNC_WEB_TRUSTED_PROXY",
          hide_env_values = true, value_delimiter = ',', value_parser = network)]
    pub trusted_proxy: Vec<IpNet>,
}

impl PageArgs {
    /// Everything, at an address, for anybody on this machine.
    pub const fn at(listen: SocketAddr) -> Self {
        Self {
            listen,
            read_only: false,
            users: None,
            trusted_proxy: Vec::new(),
        }
    }

    /// Who is let in; the inner `None` is anybody on this machine. `None` when that is not safe or the
    /// users' file is wrong, which `source` remembers.
    pub fn door(&self, source: &mut Source<'_>) -> Option<Option<Door>> {
        if self.users.is_none() && self.trusted_proxy.is_empty() {
            if self.listen.ip().is_loopback() {
                return Some(None);
            }
            source.problem(format!(
                "--listen {}: other machines reach this address. Say who is let in, with --users or \
                 --trusted-proxy, or listen on 127.0.0.1",
                self.listen
            ));
            return None;
        }
        let users = match &self.users {
            None => Users::default(),
            Some(file) => match Users::read(file) {
                Ok(users) if users.is_empty() => {
                    source.problem(format!("--users {}: there is nobody in it", file.display()));
                    return None;
                }
                Ok(users) => users,
                Err(error) => {
                    source.problem(format!("--users: {error:#}"));
                    return None;
                }
            },
        };
        Some(Some(Door::new(users, self.trusted_proxy.clone())))
    }
}

/// An address, by its text.
///
/// # Errors
/// When it is not of the form `host:port`.
pub fn address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse()
        .map_err(|_| "not an address, such as 127.0.0.1:8080")
}

fn network(text: &str) -> Result<IpNet, &'static str> {
    let one = || text.parse::<IpAddr>().map(IpNet::from);
    text.parse::<IpNet>()
        .or_else(|_| one())
        .map_err(|_| "not an address or a network, such as 10.0.0.5 or 10.0.0.0/24")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn door(flags: &[&str]) -> Result<Option<Door>, String> {
        let cli = ["web"].iter().chain(flags);
        let cli = Cli::try_parse_from(cli).map_err(|error| error.to_string())?;
        let mut source = Source::of(|_| None);
        let door = cli.page.door(&mut source);
        source.finish(door).map_err(|error| error.to_string())
    }

    #[test]
    fn it_is_closed_by_default() {
        for flags in [&[][..], &["--listen", "[::1]:0"]] {
            assert!(door(flags).unwrap().is_none());
        }
        for address in ["0.0.0.0:8080", "10.0.0.1:80", "[::]:8080", "localhost", ""] {
            let error = door(&["--listen", address]).err().unwrap();
            assert!(error.contains("--listen"), "{error}");
        }
        let proxy = ["--listen", "0.0.0.0:80", "--trusted-proxy"];
        for known in ["10.0.0.5", "10.0.0.0/24,::1"] {
            let door = door(&[&proxy[..], &[known]].concat());
            assert!(door.unwrap().is_some());
        }
        let wrong = door(&[&proxy[..], &["proxy"]].concat()).err().unwrap();
        assert!(wrong.contains("--trusted-proxy"), "{wrong}");
        let away = door(&["--users", "/nowhere"]).err().unwrap();
        assert!(away.contains("--users"), "{away}");
    }
}
