//! The settings that everything else is asked with.

use mega::MegaConfig;
use queue::{BrokerConfig, Topology};
use runtime::environment::{ConfigError, Source};
use secrecy::SecretString;

use super::check::Check;
use crate::exit::Exit;

/// All settings: those that can be used, and what is wrong with the others.
pub struct Settings {
    error: Option<ConfigError>,
    pub(super) database: Option<SecretString>,
    pub(super) broker: BrokerSettings,
    pub(super) mega: Option<MegaConfig>,
}

/// Where the queue is.
pub enum BrokerSettings {
    /// In the process that works, for as long as it does.
    InProcess,
    /// The settings do not say.
    Unusable,
    /// On a broker.
    At(BrokerConfig),
}

impl Settings {
    /// Those of a fleet's programs.
    pub fn of_fleet(mut source: Source<'_>) -> Self {
        let database = store::fleet_database_url(&mut source);
        let broker = match BrokerConfig::read(&mut source) {
            Some(config) => BrokerSettings::At(config),
            None => BrokerSettings::Unusable,
        };
        Self::with(source, database, broker)
    }

    /// Those of one process that does all, and where its database is unless they say.
    pub fn of_one_process(mut source: Source<'_>, default_database: &str) -> Self {
        let database = store::database_url(&mut source, Some(default_database));
        // The delays are this process's own too.
        Topology::read(&mut source);
        Self::with(source, database, BrokerSettings::InProcess)
    }

    fn with(
        mut source: Source<'_>,
        database: Option<SecretString>,
        broker: BrokerSettings,
    ) -> Self {
        let mega = MegaConfig::read(&mut source, 1);
        source.log_format();
        Self {
            error: source.finish(Some(())).err(),
            database,
            broker,
            mega,
        }
    }

    pub(super) fn check(&self) -> Check {
        match &self.error {
            None => Check::ok("settings", "all there, and readable"),
            Some(error) => Check::problem(
                "settings",
                Exit::Usage,
                error.problems().join("\n"),
                "correct them in the environment or in .env; .env.example lists every variable",
            ),
        }
    }
}
