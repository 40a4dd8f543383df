//! Who may use the page, and as what: a file with a line for each, `name:role:hash`.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context as _, ensure};
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use strum::{EnumString, VariantNames};

/// Longest name of a user.
pub const LONGEST_NAME: usize = 100;

/// What a user may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, VariantNames)]
#[strum(serialize_all = "lowercase")]
pub enum Role {
    /// See everything.
    Viewer,
    /// See everything, and set jobs going.
    Operator,
}

/// The users of a file.
#[derive(Debug, Default)]
pub struct Users(HashMap<String, User>);

#[derive(Debug)]
struct User {
    role: Role,
    /// In the PHC format; none for one who comes through a proxy alone.
    hash: Option<String>,
}

impl Users {
    /// Reads a file. Empty lines and those that begin with `#` say nothing.
    ///
    /// # Errors
    /// When it cannot be read, or a line is not that of a user; the error names the line.
    pub fn read(file: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("the users' file {} cannot be read", file.display()))?;
        let mut users = HashMap::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let at = || format!("line {number} of the users' file {}", file.display());
            let (name, user) = user(line).with_context(at)?;
            let known = users.insert(name.to_owned(), user).is_some();
            ensure!(!known, "{}: {name} is there twice", at());
        }
        Ok(Self(users))
    }

    /// Whether nobody is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What a user may do.
    pub fn role(&self, name: &str) -> Option<Role> {
        self.0.get(name).map(|user| user.role)
    }

    /// What the user of this name and password may do. Takes as long for a name that is not there: some
    /// hundredths of a second of the processor.
    pub fn verify(&self, name: &str, password: &str) -> Option<Role> {
        let user = self.0.get(name);
        let hash = user.and_then(|user| user.hash.as_deref());
        let any = || self.0.values().find_map(|user| user.hash.as_deref());
        let parsed = PasswordHash::new(hash.or_else(any)?).ok()?;
        let verified = Argon2::default().verify_password(password.as_bytes(), &parsed);
        hash.and(verified.ok()).and(user.map(|user| user.role))
    }
}

fn user(line: &str) -> anyhow::Result<(&str, User)> {
    let mut parts = line.splitn(3, ':');
    let (Some(name), Some(role), Some(hash)) = (parts.next(), parts.next(), parts.next()) else {
        anyhow::bail!("not of the form name:role:hash");
    };
    ensure!(
        (1..=LONGEST_NAME).contains(&name.len()) && !name.contains(char::is_control),
        "a name has 1 to {LONGEST_NAME} bytes"
    );
    let role = role.parse().ok();
    let role = role.with_context(|| format!("a role is one of {}", Role::VARIANTS.join(", ")))?;
    let hash = match hash {
        "" => None,
        hash => {
            let parsed = PasswordHash::new(hash).ok();
            ensure!(
                parsed.is_some_and(|hash| hash.algorithm.as_str().starts_with("argon2")),
                "the hash of {name} is not one that web hash-password prints"
            );
            Some(hash.to_owned())
        }
    };
    Ok((name, User { role, hash }))
}

/// The hash of a password, for the users' file.
///
/// # Errors
/// When the system has no random numbers.
pub fn hash(password: &str) -> anyhow::Result<String> {
    let hash = Argon2::default().hash_password(password.as_bytes());
    Ok(hash.context("the password cannot be hashed")?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn users(text: &str) -> anyhow::Result<Users> {
        let file = tempfile::NamedTempFile::new()?;
        std::fs::write(file.path(), text)?;
        Users::read(file.path())
    }

    #[test]
    fn a_user_is_known_by_name_and_password() {
        let hash = hash("água mole").unwrap();
        let text = format!("# finance\n\nana:viewer:{hash}\nrui:operator:{hash}\neva:operator:\n");
        let users = users(&text).unwrap();
        assert_eq!(users.verify("ana", "água mole"), Some(Role::Viewer));
        assert_eq!(users.verify("rui", "água mole"), Some(Role::Operator));
        for (name, password) in [
            ("ana", "agua mole"),
            ("ana", ""),
            ("Ana", "água mole"),
            ("", "água mole"),
            ("eva", ""),
            ("eva", "água mole"),
        ] {
            assert_eq!(users.verify(name, password), None, "{name} {password}");
        }
        assert_eq!(users.role("eva"), Some(Role::Operator));
        assert_eq!(users.role("joão"), None);
    }

    #[test]
    fn a_line_that_is_wrong_is_named() {
        let hash = hash("password").unwrap();
        for (line, why) in [
            ("ana", "name:role:hash"),
            ("ana:viewer", "name:role:hash"),
            (":viewer:", "a name has"),
            ("ana:admin:", "viewer, operator"),
            ("ana:viewer:password", "hash-password"),
            ("rui:viewer:", "rui is there twice"),
        ] {
            let error = users(&format!("rui:operator:{hash}\n{line}\n")).unwrap_err();
            let text = format!("{error:#}");
            assert!(text.contains("line 2") && text.contains(why), "{text}");
        }
        assert!(Users::read(Path::new("/nowhere/users")).is_err());
    }
}
