//! Which calls go wrong, and how.

use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use crate::call::{Call, Selector};
use crate::seeded::rng::Rng;

/// A rule: the calls that it chooses, how many of them, and what happens to them. The first rule
/// that takes a call serves it.
///
/// In JSON: `{"selector": {"route": "DadosParcelas"}, "extent": {"next": 2}, "kind": "hang"}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The calls chosen. Default every data call.
    #[serde(default)]
    pub selector: Selector,
    /// How many of them. Default always.
    #[serde(default)]
    pub extent: Extent,
    /// What happens.
    pub kind: FaultKind,
}

impl Fault {
    /// Every chosen call, until the faults are cleared.
    pub fn always(selector: Selector, kind: FaultKind) -> Self {
        Self {
            selector,
            extent: Extent::Always,
            kind,
        }
    }

    /// The next `calls` chosen calls.
    pub fn next(calls: u64, selector: Selector, kind: FaultKind) -> Self {
        Self {
            selector,
            extent: Extent::Next(calls),
            kind,
        }
    }

    /// A share of the chosen calls, from 0 to 1.
    pub fn share(share: f64, selector: Selector, kind: FaultKind) -> Self {
        Self {
            selector,
            extent: Extent::Share(share),
            kind,
        }
    }
}

/// How many of the chosen calls a fault takes. In JSON `"always"`, `{"next": 2}`,
/// `{"share": 0.3}`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// All of them.
    #[default]
    Always,
    /// So many, and then no more.
    Next(u64),
    /// Each with this probability, drawn from [`crate::Config::fault_seed`].
    Share(f64),
}

/// What happens to a call. In JSON by its name in snake case: `"hang"`,
/// `{"status": {"code": 503, "retry_after_seconds": 2}}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FaultKind {
    /// An HTTP status with a small text.
    Status {
        /// The status code.
        code: u16,
        /// Seconds of a `Retry-After` header.
        #[serde(default)]
        retry_after_seconds: Option<u64>,
    },
    /// Never answers; ends when the client gives up.
    Hang,
    /// Half of the true body under the whole `Content-Length`, then the connection is closed.
    Truncated,
    /// A proxy's HTML page, with 200.
    HtmlPage,
    /// A text, with 200, as for a refused sign-in.
    PlainText,
    /// An object that wraps the list, with 200.
    WrongShape,
    /// The true body cut in the middle of a record, in whole HTTP.
    Garbage,
    /// The true body with bytes inside a text that are no UTF-8.
    InvalidUtf8,
    /// The true records, with texts where numbers belong and numbers where texts do.
    WrongTypes,
    /// An empty list as `[]` with 200, instead of 204.
    EmptyList,
    /// A list that never ends.
    EndlessBody,
    /// Valid JSON of this many bytes: a list of one record with a long text.
    LargeBody {
        /// Length of the body.
        bytes: u64,
    },
    /// The same compressed, to about a thousandth.
    GzipBomb {
        /// Length of the body before it is compressed.
        bytes: usize,
    },
    /// The connection is reset without an answer.
    ResetConnection,
    /// The true body, a few bytes at a time.
    SlowDrip {
        /// Bytes at a time, at least 1.
        bytes: usize,
        /// Milliseconds between them.
        every_milliseconds: u64,
    },
}

impl FaultKind {
    /// Its name in counters and logs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Status { .. } => "status",
            Self::Hang => "hang",
            Self::Truncated => "truncated",
            Self::HtmlPage => "html_page",
            Self::PlainText => "plain_text",
            Self::WrongShape => "wrong_shape",
            Self::Garbage => "garbage",
            Self::InvalidUtf8 => "invalid_utf8",
            Self::WrongTypes => "wrong_types",
            Self::EmptyList => "empty_list",
            Self::EndlessBody => "endless_body",
            Self::LargeBody { .. } => "large_body",
            Self::GzipBomb { .. } => "gzip_bomb",
            Self::ResetConnection => "reset_connection",
            Self::SlowDrip { .. } => "slow_drip",
        }
    }
}

pub(crate) struct Faults(Mutex<Rules>);

struct Rules {
    rules: Vec<Fault>,
    rng: Rng,
}

impl Faults {
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(Rules {
            rules: Vec::new(),
            rng: Rng::new(seed, 0, 0),
        }))
    }

    fn rules(&self) -> std::sync::MutexGuard<'_, Rules> {
        self.0.lock().expect("no holder of this lock panics")
    }

    pub fn add(&self, faults: impl IntoIterator<Item = Fault>) {
        self.rules().rules.extend(faults);
    }

    pub fn clear(&self) {
        self.rules().rules.clear();
    }

    pub fn list(&self) -> Vec<Fault> {
        self.rules().rules.clone()
    }

    /// The fault that this call meets, if any; uses it up where it counts calls.
    pub fn pick(&self, call: Call) -> Option<FaultKind> {
        let Rules { rules, rng } = &mut *self.rules();
        let mut matching = rules.iter_mut().filter(|rule| rule.selector.matches(call));
        let taken = matching.find_map(|rule| match &mut rule.extent {
            Extent::Always => Some(rule),
            Extent::Next(0) => None,
            Extent::Next(left) => {
                *left -= 1;
                Some(rule)
            }
            Extent::Share(share) => (rng.unit() < *share).then_some(rule),
        })?;
        Some(taken.kind.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Route;

    const CALL: Call = Call::Parcelas { contrato: 7 };

    #[test]
    fn the_first_rule_that_takes_the_call_serves_it() {
        let faults = Faults::new(1);
        let other = Selector::route(Route::DadosParcelas).contrato(8);
        faults.add([
            Fault::always(other, FaultKind::PlainText),
            Fault::next(1, Selector::any(), FaultKind::Hang),
            Fault::always(Selector::route(Route::DadosParcelas), FaultKind::Garbage),
        ]);
        assert_eq!(faults.pick(CALL), Some(FaultKind::Hang));
        assert_eq!(faults.pick(CALL), Some(FaultKind::Garbage));
        assert_eq!(faults.pick(Call::SignIn), None);
        faults.clear();
        assert_eq!(faults.pick(CALL), None);
    }

    #[test]
    fn a_share_is_drawn_from_the_seed() {
        let draw = |seed| -> Vec<bool> {
            let faults = Faults::new(seed);
            faults.add([Fault::share(0.25, Selector::any(), FaultKind::Hang)]);
            (0..4_000).map(|_| faults.pick(CALL).is_some()).collect()
        };
        let hits = draw(1).iter().filter(|hit| **hit).count();
        assert!((900..1_100).contains(&hits), "{hits} of 4,000");
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }
}
