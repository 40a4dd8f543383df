//! What a person can do about an event.

/// What a command does about an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Shows a run, or the newest.
    Status,
    /// Shows why jobs failed.
    Failed,
    /// Enqueues them again.
    Requeue,
    /// Enqueues those of one cause again.
    RequeueCause,
    /// Accepts what is implausible.
    Accept,
    /// Allows sign-ins again.
    LiftRefusal,
    /// Shows what is away.
    Doctor,
    /// Shows what became of a schedule's times.
    History,
    /// Begins a run of a schedule.
    RunNow,
}
