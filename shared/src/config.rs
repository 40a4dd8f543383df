//! Settings from the environment, checked at start: every error at once, each naming its variable.
//!
//! Secrets come by the environment, or by a file that the environment names, never by a flag: a
//! process list shows flags.

use std::fmt;
use std::num::{NonZeroU32, NonZeroU64};
use std::str::FromStr;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use thiserror::Error;
use url::Url;

use crate::mega::MegaConfig;
use crate::queue::Topology;
use crate::telemetry::LogFormat;
use crate::tls::Authorities;

/// What is wrong with the settings: a line for each variable.
#[derive(Debug, Error, PartialEq, Eq)]
pub struct ConfigError {
    problems: Vec<String>,
}

impl ConfigError {
    /// What is wrong, each naming its variable; never a secret's value.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the settings are not usable:")?;
        for problem in &self.problems {
            write!(f, "\n  {problem}")?;
        }
        f.write_str(
            "\n.env.example lists every variable; a .env file in the working directory is read",
        )
    }
}

/// Reads the `.env` file of the working directory into the environment, if there is one.
/// Variables already set win.
///
/// # Errors
/// When the file is there but cannot be read as one.
pub fn load_dotenv() -> Result<(), ConfigError> {
    match dotenvy::dotenv() {
        Ok(_) => Ok(()),
        Err(error) if error.not_found() => Ok(()),
        // The parser's own message would quote the line, which may hold a password.
        Err(_) => Err(ConfigError {
            problems: vec![".env cannot be read".to_owned()],
        }),
    }
}

type Lookup<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// Where settings are read from, gathering what is wrong with them.
pub struct Source<'a> {
    lookup: Box<Lookup<'a>>,
    problems: Vec<String>,
}

impl Source<'static> {
    /// The process's environment.
    pub fn environment() -> Self {
        Self::of(|name| std::env::var(name).ok())
    }
}

impl<'a> Source<'a> {
    /// Any other source of variables.
    pub fn of(lookup: impl Fn(&str) -> Option<String> + 'a) -> Self {
        Self {
            lookup: Box::new(lookup),
            problems: Vec::new(),
        }
    }

    /// The settings, or everything that was wrong with them.
    ///
    /// # Errors
    /// When any variable read from this source was missing or unusable.
    pub fn finish<T>(self, settings: Option<T>) -> Result<T, ConfigError> {
        match settings {
            Some(settings) if self.problems.is_empty() => Ok(settings),
            _ => Err(ConfigError {
                problems: self.problems,
            }),
        }
    }

    fn optional(&self, name: &str) -> Option<String> {
        (self.lookup)(name)
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
    }

    fn required(&mut self, name: &str, what: &str) -> Option<String> {
        let value = self.optional(name);
        if value.is_none() {
            self.problems.push(format!("{name} is not set: {what}"));
        }
        value
    }

    /// A variable, or the content of the file that `NAME_FILE` names, as orchestrators mount
    /// secrets. `Err` when both are there or the file cannot be used; its content is never told.
    fn secret(&mut self, name: &str) -> Result<Option<SecretString>, Unusable> {
        let value = self.optional(name);
        let file = format!("{name}_FILE");
        let problem = match (value, self.optional(&file)) {
            (value, None) => return Ok(value.map(SecretString::from)),
            (Some(_), Some(_)) => format!("{name} and {file} are both set: one of them"),
            (None, Some(path)) => match std::fs::read_to_string(path) {
                // Editors end files with a line break, which belongs to no secret.
                Ok(text) if !text.trim().is_empty() => return Ok(Some(text.trim().into())),
                Ok(_) => format!("{file} names an empty file"),
                Err(error) => format!("{file} names a file that cannot be read: {error}"),
            },
        };
        self.problems.push(problem);
        Err(Unusable)
    }

    fn required_secret(&mut self, name: &str, what: &str) -> Option<SecretString> {
        let secret = self.secret(name).ok()?;
        if secret.is_none() {
            let problem = format!("neither {name} nor {name}_FILE is set: {what}");
            self.problems.push(problem);
        }
        secret
    }

    fn parsed<T: FromStr>(&mut self, name: &str, what: &str, default: T) -> Option<T> {
        match self.optional(name) {
            None => Some(default),
            Some(text) => {
                let value = text.parse().ok();
                if value.is_none() {
                    self.problems.push(format!("{name} is {text:?}: {what}"));
                }
                value
            }
        }
    }

    /// `DATABASE_URL`, by itself or by file, or `default` where that is allowed. For a server it
    /// names the file of `MEGA_SYNC_CA_FILE`, unless it names another.
    pub fn database_url(&mut self, default: Option<&str>) -> Option<SecretString> {
        const NAME: &str = "DATABASE_URL";
        let url = match default {
            None => self.required_secret(NAME, "postgres://user:password@host/database"),
            Some(default) => {
                let url = self.secret(NAME).ok()?;
                Some(url.unwrap_or_else(|| default.into()))
            }
        };
        self.authorities().ok()?;
        match self.optional(CA_FILE) {
            Some(file) => url.map(|url| with_root_certificate(url, &file)),
            None => url,
        }
    }

    /// The authorities in the file that `MEGA_SYNC_CA_FILE` names.
    fn authorities(&mut self) -> Result<Option<Authorities>, Unusable> {
        let Some(file) = self.optional(CA_FILE) else {
            return Ok(None);
        };
        let problem = match std::fs::read_to_string(&file) {
            Ok(pem) => match Authorities::parse(&pem) {
                Ok(authorities) => return Ok(Some(authorities)),
                Err(error) => format!("{CA_FILE} names {file:?}: {error}"),
            },
            Err(error) => format!("{CA_FILE} names a file that cannot be read: {error}"),
        };
        // Each of the three that need it would tell.
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
        Err(Unusable)
    }

    /// `DATABASE_URL` for processes that share their work with others, which SQLite cannot serve.
    pub fn fleet_database_url(&mut self) -> Option<SecretString> {
        let url = self.database_url(None);
        let shared = url
            .as_ref()
            .is_some_and(|url| !url.expose_secret().starts_with("sqlite:"));
        if url.is_some() && !shared {
            self.problems.push(
                "DATABASE_URL is a SQLite file, which serves one process: a fleet with an \
                 AMQP_URL needs postgres://…; mega-sync works with the file alone"
                    .to_owned(),
            );
        }
        url.filter(|_| shared)
    }

    /// `AMQP_URL`, by itself or by file, `MEGA_SYNC_CA_FILE`, `MEGA_SYNC_QUEUE` and
    /// `MEGA_SYNC_RETRY_DELAYS`.
    pub fn broker(&mut self) -> Option<BrokerConfig> {
        let what = "amqp://user:password@host/vhost, or amqps://…";
        let url = self.required_secret("AMQP_URL", what);
        let topology = self.topology();
        let authorities = self.authorities();
        let url = url.filter(|url| {
            let url = url.expose_secret();
            let known = url.starts_with("amqp://") || url.starts_with("amqps://");
            if !known {
                self.problems
                    .push("AMQP_URL must begin with amqp:// or amqps://".to_owned());
            }
            known
        });
        Some(BrokerConfig {
            url: url?,
            topology: topology?,
            authorities: authorities.ok()?,
        })
    }

    /// `MEGA_SYNC_QUEUE` and `MEGA_SYNC_RETRY_DELAYS`.
    pub fn topology(&mut self) -> Option<Topology> {
        let default = Topology::default();
        let prefix = self.optional("MEGA_SYNC_QUEUE").unwrap_or(default.prefix);
        let Some(text) = self.optional("MEGA_SYNC_RETRY_DELAYS") else {
            return Some(Topology {
                prefix,
                delays: default.delays,
            });
        };
        match text.split(',').map(parse_delay).collect::<Option<Vec<_>>>() {
            Some(delays) if delays.is_sorted_by(|a, b| a < b) => Some(Topology { prefix, delays }),
            _ => {
                self.problems.push(format!(
                    "MEGA_SYNC_RETRY_DELAYS is {text:?}: rising delays such as 10s,1m,5m,30m"
                ));
                None
            }
        }
    }

    /// `MEGA_API_*`, the password by itself or by file, with the most calls in flight that a flag or its variable gave.
    pub fn mega(&mut self, concurrency: usize) -> Option<MegaConfig> {
        let url = self.required("MEGA_API_URL", "the base URL of the ERP's API");
        let url = url.and_then(|text| match Url::parse(&text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.host().is_some() => {
                Some(url)
            }
            _ => {
                self.problems
                    .push("MEGA_API_URL is no http:// or https:// URL".to_owned());
                None
            }
        });
        let tenant_id = self.required("MEGA_API_TENANT_ID", "the customer's GUID");
        let username = self.required("MEGA_API_USERNAME", "who signs in");
        let password = self.required_secret("MEGA_API_PASSWORD", "with what");
        let timeout = self.parsed(
            "MEGA_API_TIMEOUT",
            "whole seconds that one call may take, 1 or more",
            NonZeroU64::new(MegaConfig::TIMEOUT.as_secs()).expect("not zero"),
        );
        let tries = self.parsed(
            "MEGA_API_TRIES",
            "how often one call is tried, 1 or more",
            NonZeroU32::new(MegaConfig::TRIES).expect("not zero"),
        );
        let authorities = self.authorities();
        Some(MegaConfig {
            authorities: authorities.ok()?,
            timeout: Duration::from_secs(timeout?.get()),
            concurrency,
            tries: tries?.get(),
            ..MegaConfig::new(url?, tenant_id?, username?, password?)
        })
    }

    /// `MEGA_SYNC_LOG`.
    pub fn log_format(&mut self) -> Option<LogFormat> {
        match self.optional("MEGA_SYNC_LOG").as_deref() {
            None | Some("auto") => Some(LogFormat::Auto),
            Some("human") => Some(LogFormat::Human),
            Some("json") => Some(LogFormat::Json),
            Some(other) => {
                self.problems
                    .push(format!("MEGA_SYNC_LOG is {other:?}: auto, human or json"));
                None
            }
        }
    }
}

/// A PEM file with authorities to trust beside those of the system: the ERP's, the broker's and the
/// database's alike.
const CA_FILE: &str = "MEGA_SYNC_CA_FILE";

/// The URL of a server's database with a file of authorities, unless it has one. A URL of another kind
/// stays as it is.
fn with_root_certificate(url: SecretString, file: &str) -> SecretString {
    const NAMES: [&str; 3] = ["sslrootcert", "ssl-root-cert", "ssl-ca"];
    let Ok(mut parsed) = Url::parse(url.expose_secret()) else {
        return url;
    };
    let named = |(name, _): (std::borrow::Cow<'_, str>, _)| NAMES.contains(&&*name);
    let is_server = matches!(parsed.scheme(), "postgres" | "postgresql");
    if !is_server || parsed.query_pairs().any(named) {
        return url;
    }
    parsed.query_pairs_mut().append_pair("sslrootcert", file);
    String::from(parsed).into()
}

/// A setting with a problem, which was noted.
struct Unusable;

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

/// `250ms`, `10s`, `5m`; nothing else, and not nothing.
fn parse_delay(text: &str) -> Option<Duration> {
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
mod tests;
