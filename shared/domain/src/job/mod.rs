//! The message that asks for one unit of work, and the identifiers in it.

mod id;
mod message;
mod params;
mod payables;
mod run_id;
mod target;

pub use self::id::{ContratoId, EmpreendimentoId, FilialId, IdError};
pub use self::message::{JobMessage, PoisonError, SCHEMA_VERSION};
pub use self::params::RunParams;
pub use self::payables::{Baixa, Payables};
pub use self::run_id::RunId;
pub use self::target::Target;
