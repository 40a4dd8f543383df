//! Why a run cannot be planned.

use chrono::NaiveDate;
use domain::job::EmpreendimentoId;
use thiserror::Error;

use crate::exit::Exit;
use crate::text::list;

/// Why a run cannot be planned.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum PlanError {
    /// Impossible dates.
    #[error("{0}")]
    Window(String),
    /// More months than allowed without `--force`.
    #[error("{start_date} to {end_date} touches {months} months, more than --max-months {max}")]
    TooManyMonths {
        /// First day asked for.
        start_date: NaiveDate,
        /// Last day asked for.
        end_date: NaiveDate,
        /// Months these touch.
        months: usize,
        /// The limit.
        max: u32,
    },
    /// Flags that exclude each other.
    #[error("{0}")]
    Flags(&'static str),
    /// Empreendimentos that the ERP does not list.
    #[error("the ERP lists no empreendimento {}", list(.0))]
    Unknown(Vec<EmpreendimentoId>),
    /// So many empreendimentos are gone that the catalogue is implausible.
    #[error(
        "the ERP no longer lists {} of {known} empreendimentos with contratos: {}",
        .missing.len(),
        list(.missing)
    )]
    CatalogueShrank {
        /// Those gone.
        missing: Vec<EmpreendimentoId>,
        /// Those with contratos that the catalogue before it listed.
        known: usize,
    },
    /// The ERP lists nothing, which is implausible.
    #[error("the ERP lists no empreendimento")]
    EmptyCatalogue,
}

impl PlanError {
    /// The exit code of a command that meets it.
    pub const fn exit(&self) -> Exit {
        match self {
            Self::Window(_) | Self::TooManyMonths { .. } | Self::Flags(_) | Self::Unknown(_) => {
                Exit::Usage
            }
            Self::CatalogueShrank { .. } => Exit::Decide,
            Self::EmptyCatalogue => Exit::Other,
        }
    }

    /// What to do about it.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::Window(_) | Self::Flags(_) => None,
            Self::TooManyMonths { .. } => {
                Some("choose a shorter window, or add --force".to_owned())
            }
            Self::Unknown(_) => Some(
                "use the ERP's `codigo`; --dry-run without --empreendimento-ids lists them all"
                    .to_owned(),
            ),
            Self::CatalogueShrank { .. } => Some(
                "nothing was written; if they are gone for good, add --accept-change: they \
                 become inactive"
                    .to_owned(),
            ),
            Self::EmptyCatalogue => {
                Some("check MEGA_API_TENANT_ID and the rights of MEGA_API_USERNAME".to_owned())
            }
        }
    }
}
