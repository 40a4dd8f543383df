//! The session with the ERP: shared by the fleet, renewed by one process at a time.

mod active;
mod memory;
mod shared;
mod sign_in;

pub(super) use self::active::{ActiveSession, bearer};
pub use self::memory::MemorySessionStore;
pub(super) use self::shared::SharedSession;
pub(super) use self::sign_in::SignIn;
