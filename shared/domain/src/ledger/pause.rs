//! The pause of a fleet.

use std::fmt;

use chrono::{DateTime, Utc};
use chrono_tz::America::Sao_Paulo;
use serde::Serialize;

/// A pause that stands: the fleet's workers take no new job, and those in hand end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pause {
    /// Since when, by the database's clock.
    pub at: DateTime<Utc>,
    /// When it ends by itself; absent where somebody has to lift it.
    pub until: Option<DateTime<Utc>>,
    /// Who paused the fleet: user@host.
    pub by: String,
    /// Why, as they put it.
    pub why: String,
}

impl fmt::Display for Pause {
    /// Who, since when, until when in São Paulo, and why: the rest of a line that says that the fleet is
    /// paused. A control character is a blank: it could repaint a terminal, or begin another line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = |text: &str| text.replace(char::is_control, " ");
        write!(f, "by {} since {}", plain(&self.by), local(self.at))?;
        if let Some(until) = self.until {
            write!(f, ", until {}", local(until))?;
        }
        write!(f, " in São Paulo: {}", plain(&self.why))
    }
}

fn local(at: DateTime<Utc>) -> impl fmt::Display {
    at.with_timezone(&Sao_Paulo).format("%Y-%m-%d %H:%M")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_told_on_one_line() {
        let mut pause = Pause {
            at: "2026-11-28T01:05:59.5Z".parse().unwrap(),
            until: None,
            by: "ana@office".to_owned(),
            why: "the ERP's\nupdate".to_owned(),
        };
        let told = "by ana@office since 2026-11-27 22:05 in São Paulo: the ERP's update";
        assert_eq!(pause.to_string(), told);
        pause.until = Some("2026-11-28T09:00:00Z".parse().unwrap());
        let told = "by ana@office since 2026-11-27 22:05, until 2026-11-28 06:00 in São Paulo: \
                    the ERP's update";
        assert_eq!(pause.to_string(), told);
    }
}
