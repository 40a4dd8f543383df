//! Why a figure differs from the replaced system's.

use serde::Serialize;

/// The reasons, the first that holds first. `docs/MIGRATING.md` has them for people.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    strum::IntoStaticStr,
    strum::Display,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Cause {
    /// One side does not cover the month.
    Window,
    /// The code is in the old tables alone.
    NotListed,
    /// The code is in ours alone.
    NewCode,
    /// The two rows were written on different days in São Paulo.
    Moved,
    /// Statistics or delinquency of an empreendimento without an active contrato.
    Inactive,
    /// One side has it active.
    Activity,
    /// The values corrected by IPCA differ.
    Ipca,
    /// Payables of ours that share a key, of which the old table holds one.
    OldKey,
    /// The same payable with another due day, type or value.
    Redated,
    /// A payable that the ERP no longer lists.
    Vanished,
    /// The two have another day of payment.
    Settled,
    /// The old tables have no such filial, and dropped its payables.
    UnknownFilial,
    /// The old cash out is not what the old payables give.
    StaleKey,
    /// None of these.
    Unexplained,
}
