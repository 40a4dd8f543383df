//! The settings of the services.

use mega::MegaConfig;
use queue::{BrokerConfig, Topology};
use runtime::environment::{ConfigError, Source};
use secrecy::SecretString;

use super::check::Check;
use crate::exit::Exit;
use crate::program::Program;

/// All settings: those that are usable, and what is wrong with the others.
pub(crate) struct Settings {
    error: Option<ConfigError>,
    pub(super) database: Option<SecretString>,
    pub(super) broker: BrokerSettings,
    pub(super) mega: Option<MegaConfig>,
}

/// Where the queue is.
pub(crate) enum BrokerSettings {
    /// In the process itself, as long as it runs.
    InProcess,
    /// The settings are unusable.
    Unusable,
    /// On a broker.
    At(BrokerConfig),
}

impl Settings {
    /// Reads those of a program.
    pub(crate) fn read(program: Program, mut source: Source<'_>) -> Self {
        let database = program.database_url(&mut source);
        let broker = match program {
            Program::Producer => match BrokerConfig::read(&mut source) {
                Some(config) => BrokerSettings::At(config),
                None => BrokerSettings::Unusable,
            },
            Program::MegaSync => {
                // Its queue in the process has the same delays.
                Topology::read(&mut source);
                BrokerSettings::InProcess
            }
        };
        let mega = MegaConfig::read(&mut source, 1);
        source.log_format();
        Self {
            error: source.finish(Some(())).err(),
            database,
            broker,
            mega,
        }
    }

    /// Whether they are usable.
    pub(super) fn check(&self) -> Check {
        match &self.error {
            None => Check::ok("settings", "complete and valid"),
            Some(error) => Check::problem(
                "settings",
                Exit::Usage,
                error.problems().join("\n"),
                "correct them in the environment or in .env; .env.example lists every variable",
            ),
        }
    }
}
