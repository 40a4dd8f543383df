//! Whether passwords and figures are sent in clear text. No I/O.

use runtime::tls::is_this_machine;
use store::Encryption;
use url::Url;

use super::check::Check;

const DATABASE_TLS: &str = "database TLS";
const BROKER_TLS: &str = "broker TLS";

/// Whether the connection to a server's database is encrypted.
pub(super) fn database(encryption: Encryption) -> Check {
    match encryption {
        Encryption::ThisMachine => Check::ok(DATABASE_TLS, "not needed on this machine"),
        Encryption::Verified => Check::ok(
            DATABASE_TLS,
            "required, with the server's certificate checked",
        ),
        Encryption::Unverified => Check::warning(
            DATABASE_TLS,
            "required, but the server's certificate is not checked",
            "add ?sslmode=verify-full to DATABASE_URL, and MEGA_SYNC_CA_FILE for your own \
             authority",
        ),
        Encryption::Optional => Check::warning(
            DATABASE_TLS,
            "not required, and the database is on another machine",
            "add ?sslmode=verify-full to DATABASE_URL: figures are sent in clear text",
        ),
    }
}

/// Whether the connection to the broker is encrypted.
pub(super) fn broker(url: &str) -> Option<Check> {
    let url = Url::parse(url).ok()?;
    let host = url.host_str().unwrap_or("localhost");
    Some(match url.scheme() {
        "amqps" => Check::ok(
            BROKER_TLS,
            "required, with the broker's certificate checked",
        ),
        _ if is_this_machine(host) => Check::ok(BROKER_TLS, "not needed on this machine"),
        _ => Check::warning(
            BROKER_TLS,
            "none, and the broker is on another machine",
            "use amqps:// in AMQP_URL: the password is sent in clear text",
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::check::Outcome;

    #[test]
    fn a_broker_on_another_machine_needs_tls() {
        for (url, expected) in [
            ("amqp://u:p@127.0.0.1:5672/%2f", Outcome::Ok),
            ("amqp://u:p@localhost/v", Outcome::Ok),
            ("amqp://u:p@[::1]:5672/v", Outcome::Ok),
            ("amqps://u:p@broker.example/v", Outcome::Ok),
            ("amqp://u:p@broker.example/v", Outcome::Warning),
            ("amqp://u:p@10.0.0.7/v", Outcome::Warning),
        ] {
            assert_eq!(broker(url).unwrap().outcome, expected, "{url}");
        }
    }

    #[test]
    fn a_database_on_another_machine_needs_tls_with_a_check() {
        for (encryption, expected) in [
            (Encryption::ThisMachine, Outcome::Ok),
            (Encryption::Verified, Outcome::Ok),
            (Encryption::Unverified, Outcome::Warning),
            (Encryption::Optional, Outcome::Warning),
        ] {
            assert_eq!(database(encryption).outcome, expected, "{encryption:?}");
        }
    }
}
