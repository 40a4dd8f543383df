//! Places where a test ends the process or lets a step fail; nothing at all without the feature
//! `failpoints`, which release builds do not have.
//!
//! `MEGA_SYNC_FAILPOINT=committed:kill@2` acts the second time that `committed` is reached, and
//! `@every` each time: `kill` ends the process at once, as SIGKILL would; `stall` stops it as SIGSTOP
//! would; `panic` panics; `error` lets the step that was just taken look as if it had failed.

#[cfg(not(feature = "failpoints"))]
mod off {
    use domain::job::Target;
    use queue::Destination;
    use store::StoreError;

    pub fn reached(_point: &str) -> Result<(), StoreError> {
        Ok(())
    }

    pub fn passed(_point: &str) {}

    pub fn passed_by(_point: &str, _target: Target) {}

    pub fn published(_to: Destination) {}
}

#[cfg(feature = "failpoints")]
mod on {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    use domain::job::Target;
    use queue::Destination;
    use store::StoreError;

    #[derive(Clone, Copy)]
    enum Action {
        Kill,
        Stall,
        Panic,
        Error,
    }

    /// What the process was started with.
    struct Plan {
        point: String,
        action: Action,
        /// `None` for every one.
        hit: Option<u64>,
        hits: AtomicU64,
    }

    /// A place from which a step can fail.
    pub fn reached(point: &str) -> Result<(), StoreError> {
        match action_at(point) {
            Some(Action::Error) => Err(StoreError::Away(format!("failpoint {point}"))),
            Some(Action::Stall) => stall(point),
            Some(Action::Panic) => panic!("failpoint {point}"),
            Some(Action::Kill) => kill(point),
            None => Ok(()),
        }
    }

    /// A place where there is nothing to fail: the process can only end there.
    pub fn passed(point: &str) {
        // What there is to fail is told by `reached`.
        let _ = reached(point);
    }

    /// [`passed`], and the same for one job: `claimed` and `claimed-1415`.
    pub fn passed_by(point: &str, target: Target) {
        passed(point);
        passed(&format!("{point}-{target}"));
    }

    /// [`passed`] after a message went where it waits or where it stays dead.
    pub fn published(to: Destination) {
        passed(match to {
            Destination::Work(_) => "published",
            Destination::Retry(..) => "retry-published",
            Destination::Dead => "dead-published",
        });
    }

    /// The whole process stops, until somebody sends it SIGCONT.
    fn stall(point: &str) -> Result<(), StoreError> {
        eprintln!("failpoint {point}: the process stalls here");
        let own_id = std::process::id().to_string();
        let sent = std::process::Command::new("kill")
            .args(["-s", "STOP", &own_id])
            .status();
        assert!(
            sent.is_ok_and(|status| status.success()),
            "cannot stop myself"
        );
        Ok(())
    }

    fn action_at(point: &str) -> Option<Action> {
        plan()
            .filter(|plan| plan.acts_at(point))
            .map(|plan| plan.action)
    }

    fn kill(point: &str) -> ! {
        eprintln!("failpoint {point}: the process ends here");
        std::process::abort()
    }

    fn plan() -> Option<&'static Plan> {
        static PLAN: OnceLock<Option<Plan>> = OnceLock::new();
        let read = || {
            let text = std::env::var("MEGA_SYNC_FAILPOINT").ok()?;
            // A test with a typing error in it must not pass for one whose point is never reached.
            Some(Plan::parse(&text).expect("MEGA_SYNC_FAILPOINT reads point:kill@1 or point:error"))
        };
        PLAN.get_or_init(read).as_ref()
    }

    impl Plan {
        fn parse(text: &str) -> Option<Self> {
            let (point, rest) = text.split_once(':')?;
            let (action, hit) = rest.split_once('@').unwrap_or((rest, "1"));
            let action = match action {
                "kill" => Action::Kill,
                "stall" => Action::Stall,
                "panic" => Action::Panic,
                "error" => Action::Error,
                _ => return None,
            };
            Some(Self {
                point: point.to_owned(),
                action,
                hit: match hit {
                    "every" => None,
                    number => Some(number.parse().ok()?),
                },
                hits: AtomicU64::new(0),
            })
        }

        fn acts_at(&self, point: &str) -> bool {
            let hit = || self.hits.fetch_add(1, Ordering::Relaxed) + 1;
            self.point == point && self.hit.is_none_or(|wanted| wanted == hit())
        }
    }
}

#[cfg(not(feature = "failpoints"))]
pub use off::{passed, passed_by, published, reached};
#[cfg(feature = "failpoints")]
pub use on::{passed, passed_by, published, reached};
