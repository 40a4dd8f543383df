//! Sign-in, refresh and the tokens' lives.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use chrono::{DateTime, FixedOffset, Timelike, Utc};
use serde_json::{Value, json};

use crate::config::{Config, Credentials};

/// Keeps the arithmetic of dates in range.
const LONGEST_LIFETIME: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// What a sign-in or a refresh answers.
pub(crate) enum Answer {
    /// The JSON of the tokens.
    Tokens(Value),
    /// The text of a refusal. It echoes what was sent, as the ERP's does.
    Refused(String),
}

/// What a sign-in sent; absent parts are part of what gets refused.
pub(crate) struct Attempt<'a> {
    pub tenant_id: Option<&'a str>,
    pub grant_type: Option<&'a str>,
    pub body: &'a [u8],
}

pub(crate) struct Accounts {
    credentials: Credentials,
    lock_after: u32,
    state: Mutex<State>,
}

struct State {
    access: HashMap<String, DateTime<Utc>>,
    /// One per user: a new one voids the old.
    refresh: Option<(String, DateTime<Utc>)>,
    lifetime: Duration,
    issued: u64,
    refused_in_a_row: u32,
    refusing: bool,
}

impl Accounts {
    pub fn new(config: &Config) -> Self {
        Self {
            credentials: config.credentials.clone(),
            lock_after: config.lock_after,
            state: Mutex::new(State {
                access: HashMap::new(),
                refresh: None,
                lifetime: config.token_lifetime.min(LONGEST_LIFETIME),
                issued: 0,
                refused_in_a_row: 0,
                refusing: false,
            }),
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("no holder of this lock panics")
    }

    pub fn sign_in(&self, attempt: &Attempt<'_>) -> Answer {
        let sent = serde_json::from_slice::<Value>(attempt.body).unwrap_or_default();
        let field = |name: &str| sent.get(name).and_then(Value::as_str).unwrap_or("");
        let (username, password) = (field("userName"), field("password"));
        let right = self.is_tenant(attempt.tenant_id)
            && attempt.grant_type == Some("Api")
            && username == self.credentials.username
            && password == self.credentials.password;

        let mut state = self.state();
        if self.is_locked(&state) {
            return Answer::Refused(format!("Conta bloqueada: {username} / {password}"));
        }
        if !right || state.refusing {
            state.refused_in_a_row += 1;
            return Answer::Refused(format!(
                "Usuário ou senha inválidos: {username} / {password}"
            ));
        }
        state.refused_in_a_row = 0;
        Answer::Tokens(state.issue(Utc::now()))
    }

    pub fn refresh(&self, tenant_id: Option<&str>, token: &str) -> Answer {
        let now = Utc::now();
        let mut state = self.state();
        let valid = state
            .refresh
            .as_ref()
            .is_some_and(|(kept, end)| kept == token && now < *end);
        if valid && self.is_tenant(tenant_id) {
            Answer::Tokens(state.issue(now))
        } else {
            Answer::Refused(format!("Token de atualização inválido: {token}"))
        }
    }

    /// Whether a data call with these headers may be answered.
    pub fn allows(&self, tenant_id: Option<&str>, authorization: Option<&str>) -> bool {
        let token = authorization.and_then(|text| text.strip_prefix("Bearer "));
        self.is_tenant(tenant_id)
            && token.is_some_and(|token| {
                self.state()
                    .access
                    .get(token)
                    .is_some_and(|end| Utc::now() < *end)
            })
    }

    /// Lifetime of the access tokens issued from now on, at most a year; refresh tokens live
    /// twice as long.
    pub fn set_lifetime(&self, lifetime: Duration) {
        self.state().lifetime = lifetime.min(LONGEST_LIFETIME);
    }

    pub fn void_access(&self) {
        self.state().access.clear();
    }

    pub fn void_all(&self) {
        let mut state = self.state();
        state.access.clear();
        state.refresh = None;
    }

    pub fn refuse(&self, refusing: bool) {
        self.state().refusing = refusing;
    }

    pub fn unlock(&self) {
        self.state().refused_in_a_row = 0;
    }

    pub fn locked(&self) -> bool {
        self.is_locked(&self.state())
    }

    fn is_locked(&self, state: &State) -> bool {
        self.lock_after > 0 && state.refused_in_a_row >= self.lock_after
    }

    fn is_tenant(&self, tenant_id: Option<&str>) -> bool {
        tenant_id.is_some_and(|sent| sent.eq_ignore_ascii_case(&self.credentials.tenant_id))
    }
}

impl State {
    fn issue(&mut self, now: DateTime<Utc>) -> Value {
        self.issued += 1;
        let (access, refresh) = (
            format!("access-{:06}", self.issued),
            format!("refresh-{:06}", self.issued),
        );
        let (access_end, refresh_end) = (now + self.lifetime, now + self.lifetime * 2);
        self.access.retain(|_, end| now < *end);
        self.access.insert(access.clone(), access_end);
        self.refresh = Some((refresh.clone(), refresh_end));
        json!({
            "expirationToken": timestamp(access_end),
            "accessToken": access,
            "expirationRefreshToken": timestamp(refresh_end),
            "refreshToken": refresh,
        })
    }
}

/// Brasília's clock with 7 fractional digits, as .NET writes it: `2025-10-31T17:36:34.6945524-03:00`.
fn timestamp(at: DateTime<Utc>) -> String {
    let brasilia = FixedOffset::west_opt(3 * 60 * 60).expect("three hours are an offset");
    let ticks = at.nanosecond() % 1_000_000_000 / 100;
    format!(
        "{}.{ticks:07}-03:00",
        at.with_timezone(&brasilia).format("%Y-%m-%dT%H:%M:%S")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_have_seven_digits_and_the_offset() {
        let at = DateTime::parse_from_rfc3339("2025-10-31T20:36:34.0045524Z").expect("a time");
        assert_eq!(timestamp(at.into()), "2025-10-31T17:36:34.0045524-03:00");
    }
}
