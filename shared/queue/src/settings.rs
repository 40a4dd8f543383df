//! Which broker, and which queues on it.

use std::time::Duration;

use runtime::environment::Source;
use runtime::tls::Authorities;
use secrecy::{ExposeSecret as _, SecretString};

use super::Topology;

/// How to reach the broker.
#[derive(Debug, Clone)]
pub struct BrokerConfig {
    /// `AMQP_URL`, which holds a password.
    pub url: SecretString,
    /// The queues.
    pub topology: Topology,
    /// Trusted beside those of the system.
    pub authorities: Option<Authorities>,
}

impl BrokerConfig {
    /// `AMQP_URL`, by itself or by file, `MEGA_SYNC_CA_FILE`, `MEGA_SYNC_QUEUE` and
    /// `MEGA_SYNC_RETRY_DELAYS`.
    pub fn read(source: &mut Source<'_>) -> Option<BrokerConfig> {
        let what = "amqp://user:password@host/vhost, or amqps://…";
        let url = source.required_secret("AMQP_URL", what);
        let topology = Topology::read(source);
        let authorities = source.authorities();
        let url = url.filter(|url| {
            let url = url.expose_secret();
            let known = url.starts_with("amqp://") || url.starts_with("amqps://");
            if !known {
                source.problem("AMQP_URL must begin with amqp:// or amqps://".to_owned());
            }
            known
        });
        Some(BrokerConfig {
            url: url?,
            topology: topology?,
            authorities: authorities.ok()?,
        })
    }
}

impl Topology {
    /// `MEGA_SYNC_QUEUE` and `MEGA_SYNC_RETRY_DELAYS`.
    pub fn read(source: &mut Source<'_>) -> Option<Topology> {
        let default = Topology::default();
        let prefix = source.optional("MEGA_SYNC_QUEUE").unwrap_or(default.prefix);
        let Some(text) = source.optional("MEGA_SYNC_RETRY_DELAYS") else {
            return Some(Topology {
                prefix,
                delays: default.delays,
            });
        };
        match text.split(',').map(delay_of).collect::<Option<Vec<_>>>() {
            Some(delays) if delays.is_sorted_by(|a, b| a < b) => Some(Topology { prefix, delays }),
            _ => {
                source.problem(format!(
                    "MEGA_SYNC_RETRY_DELAYS is {text:?}: rising delays such as 10s,1m,5m,30m"
                ));
                None
            }
        }
    }
}

/// A time such as `250ms`, `10s` or `5m`; more than none.
///
/// # Errors
/// For any other text.
pub fn parse_delay(text: &str) -> Result<Duration, &'static str> {
    delay_of(text).ok_or("a time such as 250ms, 10s or 25m")
}

fn delay_of(text: &str) -> Option<Duration> {
    let text = text.trim();
    let (digits, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    let number: u64 = digits.parse().ok().filter(|number| *number > 0)?;
    match unit {
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        "m" => number.checked_mul(60).map(Duration::from_secs),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_have_units() {
        let ms = |text| delay_of(text).map(|delay| delay.as_millis());
        assert_eq!(
            ["250ms", "10s", "5m"].map(ms),
            [Some(250), Some(10_000), Some(300_000)]
        );
        assert_eq!(["", "10", "0s", "-1s", "1h", "s"].map(ms), [None; 6]);
    }
}
