//! How the way to a database is protected.

/// How the way to a server's database is protected, as its URL asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// It does not leave this machine.
    ThisMachine,
    /// TLS, with a server whose certificate was checked.
    Verified,
    /// TLS, with whoever answers.
    Unverified,
    /// None, or only if the server offers it.
    Optional,
}
