//! Who is let in: users with a password, and whom a trusted proxy names.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::http::HeaderMap;
use ipnet::IpNet;
use tokio::sync::Semaphore;

use crate::cookie;
use crate::sessions::{Attempts, Sessions};
use crate::users::{LONGEST_NAME, Role, Users};
use crate::visitor::Visitor;

/// The header in which a trusted proxy names the user.
const USER: &str = "x-forwarded-user";
/// The cookie of a session.
pub const SESSION: &str = "session";

/// Who is let in.
pub struct Door {
    users: Arc<Users>,
    /// Where the trusted proxies are.
    proxies: Vec<IpNet>,
    sessions: Sessions,
    attempts: Attempts,
    /// To verify a password takes memory and processor time: one at once.
    verifying: Semaphore,
}

/// Why nobody was signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::Display)]
pub enum Refused {
    /// The name or the password is wrong.
    #[strum(to_string = "the name or the password is wrong")]
    Wrong,
    /// Too many attempts come from this address.
    #[strum(to_string = "too many attempts from this address")]
    TooMany,
}

impl Door {
    /// A door for the users of a file and for those whom proxies at these addresses name. A user whom only
    /// a proxy knows is a viewer.
    pub fn new(users: Users, proxies: Vec<IpNet>) -> Self {
        Self {
            users: Arc::new(users),
            proxies,
            sessions: Sessions::default(),
            attempts: Attempts::default(),
            verifying: Semaphore::new(1),
        }
    }

    /// Who asks: by the proxy's word, or else by the session.
    pub fn visitor(&self, headers: &HeaderMap, from: IpAddr) -> Option<Visitor> {
        self.named_by_proxy(headers, from).or_else(|| {
            let token = cookie::value(headers, SESSION)?;
            self.sessions.find(token, Instant::now())
        })
    }

    fn named_by_proxy(&self, headers: &HeaderMap, from: IpAddr) -> Option<Visitor> {
        let from = from.to_canonical();
        let trusted = self.proxies.iter().any(|net| net.contains(&from));
        let name = headers.get(USER).filter(|_| trusted)?.to_str().ok()?;
        let role = self.users.role(name).unwrap_or(Role::Viewer);
        (1..=LONGEST_NAME)
            .contains(&name.len())
            .then(|| Visitor::named(name.to_owned(), role))
    }

    /// Signs a user in; gives the token of the session.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub async fn sign_in(
        &self,
        name: String,
        password: String,
        from: IpAddr,
    ) -> anyhow::Result<Result<String, Refused>> {
        if !self.attempts.admit(from, Instant::now()) {
            return Ok(Err(Refused::TooMany));
        }
        let permit = self.verifying.acquire().await?;
        let (users, asked) = (Arc::clone(&self.users), name.clone());
        let verify = move || users.verify(&asked, &password);
        let role = tokio::task::spawn_blocking(verify).await?;
        drop(permit);
        let Some(role) = role else {
            return Ok(Err(Refused::Wrong));
        };
        self.attempts.forget(from);
        let visitor = Visitor::named(name, role);
        Ok(Ok(self.sessions.begin(visitor, Instant::now())?))
    }

    /// Ends the session of a request.
    pub fn sign_out(&self, headers: &HeaderMap) {
        if let Some(token) = cookie::value(headers, SESSION) {
            self.sessions.end(token);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_counts_from_a_trusted_proxy_alone() {
        let proxies = vec!["10.1.0.0/16".parse().unwrap(), "::1/128".parse().unwrap()];
        let door = Door::new(Users::default(), proxies);
        let mut headers = HeaderMap::new();
        let visitor = |headers: &HeaderMap, from: &str| {
            let visitor = door.visitor(headers, from.parse().unwrap());
            visitor.and_then(|visitor| visitor.name)
        };
        assert_eq!(visitor(&headers, "10.1.2.3"), None);
        headers.insert(USER, "ana".parse().unwrap());
        for from in ["10.1.2.3", "::1", "::ffff:10.1.2.3"] {
            assert_eq!(visitor(&headers, from).as_deref(), Some("ana"), "{from}");
        }
        for from in ["10.2.0.1", "127.0.0.1", "::2"] {
            assert_eq!(visitor(&headers, from), None, "{from}");
        }
        for name in [String::new(), "x".repeat(LONGEST_NAME + 1)] {
            headers.insert(USER, name.parse().unwrap());
            assert_eq!(visitor(&headers, "10.1.2.3"), None, "{name}");
        }
    }
}
