//! The programs that share the commands of this crate.

use runtime::environment::Source;
use secrecy::SecretString;

/// Where the tables of `mega-sync` go when `DATABASE_URL` does not say.
const DEFAULT_DATABASE: &str = "sqlite://mega-sync.sqlite";

/// The program that runs a command, as far as commands differ by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// A fleet's producer, over a broker.
    Producer,
    /// Producer and worker in one process, over a queue that ends with it.
    MegaSync,
}

impl Program {
    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Producer => "producer",
            Self::MegaSync => "mega-sync",
        }
    }

    /// Reads where its database is. `None` when the setting is missing or wrong, which `source`
    /// remembers.
    pub fn database_url(self, source: &mut Source<'_>) -> Option<SecretString> {
        match self {
            Self::Producer => store::fleet_database_url(source),
            Self::MegaSync => store::database_url(source, Some(DEFAULT_DATABASE)),
        }
    }
}
