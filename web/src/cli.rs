//! The command line.

use std::net::SocketAddr;

use clap::Parser;
use producer::cli::DatabaseArgs;

/// Show runs and figures in a browser, in Portuguese or English
#[derive(Debug, Parser)]
#[command(name = "web", version)]
pub struct Cli {
    /// Where the tables are.
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// Listen here. Anybody who reaches the address sees the figures, so it has to be one of this machine
    #[arg(long, value_name = "ADDRESS", env = "MEGA_SYNC_WEB_LISTEN", hide_env_values = true,
          default_value = "127.0.0.1:8080", value_parser = of_this_machine)]
    pub listen: SocketAddr,
    /// Show, and change nothing. AMQP_URL is not needed then
    #[arg(long)]
    pub read_only: bool,
}

fn of_this_machine(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = text
        .parse()
        .map_err(|_| "not an address, such as 127.0.0.1:8080".to_owned())?;
    match address.ip().is_loopback() {
        true => Ok(address),
        false => Err(
            "other machines reach this address, and the page has no sign-in: listen on 127.0.0.1, \
             and let others in by a tunnel or a proxy that asks who they are"
                .to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_listens_on_this_machine_alone() {
        let listen = |address: &str| Cli::try_parse_from(["web", "--listen", address]);
        assert_eq!(listen("[::1]:0").unwrap().listen.to_string(), "[::1]:0");
        for address in ["0.0.0.0:8080", "10.0.0.1:80", "[::]:8080", "localhost", ""] {
            let error = listen(address).unwrap_err().to_string();
            assert!(error.contains("--listen"), "{error}");
        }
    }
}
