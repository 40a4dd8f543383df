//! Settings from the environment, checked at start. All problems are reported at once, each with its
//! variable.
//!
//! Secrets come from the environment, or from a file that the environment names. They never come
//! from a flag, because a process list shows flags.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

use secrecy::SecretString;
use thiserror::Error;

use crate::telemetry::LogFormat;
use crate::tls::Authorities;

/// The problems of the settings, a line for each variable.
#[derive(Debug, Error, PartialEq, Eq)]
pub struct ConfigError {
    problems: Vec<String>,
}

impl ConfigError {
    /// The problems, each with its variable and without the value of a secret.
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
/// When the file exists and cannot be read as one.
pub fn load_dotenv() -> Result<(), ConfigError> {
    match dotenvy::dotenv() {
        Ok(_) => Ok(()),
        Err(error) if error.not_found() => Ok(()),
        // The message of the parser quotes the line, which may hold a password.
        Err(_) => Err(ConfigError {
            problems: vec![".env cannot be read".to_owned()],
        }),
    }
}

/// Variables whose flags were given.
static FLAGS: OnceLock<HashMap<&'static str, String>> = OnceLock::new();

/// Gives variables the values of their flags, which win over the environment. Called once, before
/// any setting is read.
pub fn set_flags(flags: impl IntoIterator<Item = (&'static str, String)>) {
    let set = FLAGS.set(flags.into_iter().collect());
    debug_assert!(set.is_ok(), "a process has one command line");
}

type Lookup<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// Reads settings, and collects their problems.
pub struct Source<'a> {
    lookup: Box<Lookup<'a>>,
    problems: Vec<String>,
}

impl Source<'static> {
    /// The process's flags and its environment.
    pub fn environment() -> Self {
        Self::of(|name| {
            let flag = FLAGS.get().and_then(|flags| flags.get(name)).cloned();
            flag.or_else(|| std::env::var(name).ok())
        })
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

    /// The settings, or all their problems.
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

    /// Adds a problem. Its text must not quote a secret.
    pub fn problem(&mut self, problem: impl Into<String>) {
        self.problems.push(problem.into());
    }

    /// A variable; `None` where it is not set, or empty.
    pub fn optional(&self, name: &str) -> Option<String> {
        (self.lookup)(name)
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
    }

    /// A variable that must be set; `what` describes its value.
    pub fn required(&mut self, name: &str, what: &str) -> Option<String> {
        let value = self.optional(name);
        if value.is_none() {
            self.problems.push(format!("{name} is not set: {what}"));
        }
        value
    }

    /// A variable, or the content of the file that `NAME_FILE` names, as orchestrators mount
    /// secrets.
    ///
    /// # Errors
    /// When both are set or the file cannot be used. The problem is added, without the content.
    pub fn secret(&mut self, name: &str) -> Result<Option<SecretString>, Unusable> {
        let value = self.optional(name);
        let file = format!("{name}_FILE");
        let problem = match (value, self.optional(&file)) {
            (value, None) => return Ok(value.map(SecretString::from)),
            (Some(_), Some(_)) => format!("{name} and {file} are both set: one of them"),
            (None, Some(path)) => match std::fs::read_to_string(path) {
                // Editors end a file with a line break, which is not part of the secret.
                Ok(text) if !text.trim().is_empty() => return Ok(Some(text.trim().into())),
                Ok(_) => format!("{file} names an empty file"),
                Err(error) => format!("{file} names a file that cannot be read: {error}"),
            },
        };
        self.problems.push(problem);
        Err(Unusable)
    }

    /// A secret that must be set, by its variable or by file.
    pub fn required_secret(&mut self, name: &str, what: &str) -> Option<SecretString> {
        let secret = self.secret(name).ok()?;
        if secret.is_none() {
            let problem = format!("neither {name} nor {name}_FILE is set: {what}");
            self.problems.push(problem);
        }
        secret
    }

    /// A variable of some type, or `default` where it is not set; `what` describes the values.
    pub fn parsed<T: FromStr>(&mut self, name: &str, what: &str, default: T) -> Option<T> {
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

    /// The authorities in the file that `MEGA_SYNC_CA_FILE` names.
    ///
    /// # Errors
    /// When the file cannot be used. The problem is added.
    pub fn authorities(&mut self) -> Result<Option<Authorities>, Unusable> {
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
        // Three floors read this file, and its problem is reported once.
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
        Err(Unusable)
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

/// Names a PEM file with authorities to trust beside those of the system, for the ERP, the broker and
/// the database.
pub const CA_FILE: &str = "MEGA_SYNC_CA_FILE";

/// A setting that cannot be used. Its problem is already added to the source.
#[derive(Debug)]
pub struct Unusable;
