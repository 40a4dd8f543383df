//! Who asks for a page.

use domain::ledger::operator;

use crate::users::Role;

/// Who asks for a page, and what they may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    /// The name; none where anybody on this machine is let in.
    pub name: Option<String>,
    /// What they may do.
    pub role: Role,
}

impl Visitor {
    /// A user.
    pub fn named(name: String, role: Role) -> Self {
        let name = Some(name);
        Self { name, role }
    }

    /// Anybody on this machine.
    pub const ANYBODY: Self = Self {
        name: None,
        role: Role::Operator,
    };

    /// Whether they may set jobs going.
    pub fn operates(&self) -> bool {
        self.role == Role::Operator
    }

    /// Who they are in the ledger.
    pub fn who(&self) -> String {
        match &self.name {
            Some(name) => format!("{name}@web"),
            None => operator(),
        }
    }
}
