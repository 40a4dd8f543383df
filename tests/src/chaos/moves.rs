//! What people and the clock do meanwhile.
//!
//! Each move is another draw than the rest of the plan: a new one changes no seed's plan but by itself.

use std::time::Duration;

use fastrand::Rng;

use super::lies;
use super::moment::moment;

/// One thing that a person or a schedule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// The operator cancels two empreendimentos of the newest run over all of them.
    Cancel([i64; 2]),
    /// The operator pauses the fleet, for so long or until the pause is lifted.
    Pause(Option<Duration>),
    /// The pause is lifted.
    Unpause,
    /// The operator prunes the ledger, which holds a run of 500 days ago from the start.
    Prune,
    /// The operator enqueues an urgent run of an empreendimento.
    Urgent(i64),
    /// A schedule begins, with its scheduler.
    Schedule,
    /// The scheduler is killed, and started again at once.
    KillScheduler,
}

/// What is done when.
type Moves = Vec<(Duration, Move)>;

/// Draws the moves of a kind.
type Draw = fn(&mut Rng) -> Moves;

/// The draws, each with what makes it another one than the rest of the plan.
const DRAWS: [(u64, Draw); 5] = [
    (1 << 32, cancel),
    (2 << 32, pause),
    (3 << 32, prune),
    (4 << 32, urgent),
    (5 << 32, schedule),
];

/// The moves of a seed: each draw in every second seed.
pub(super) fn of(seed: u64) -> Moves {
    let mut moves = Vec::new();
    for (salt, draw) in DRAWS {
        let mut rng = Rng::with_seed(seed ^ salt);
        if rng.bool() {
            moves.extend(draw(&mut rng));
        }
    }
    moves.sort_by_key(|(at, _)| *at);
    moves
}

fn cancel(rng: &mut Rng) -> Moves {
    let (at, codes) = (moment(rng), lies::two_empreendimentos(rng));
    vec![(at, Move::Cancel(codes))]
}

fn pause(rng: &mut Rng) -> Moves {
    let at = moment(rng);
    let length = Duration::from_millis(rng.u64(800..1_800));
    match rng.bool() {
        true => vec![(at, Move::Pause(Some(length)))],
        false => vec![(at, Move::Pause(None)), (at + length, Move::Unpause)],
    }
}

fn prune(rng: &mut Rng) -> Moves {
    vec![(moment(rng), Move::Prune)]
}

fn urgent(rng: &mut Rng) -> Moves {
    let (at, code) = (moment(rng), lies::empreendimento(rng));
    vec![(at, Move::Urgent(code))]
}

fn schedule(rng: &mut Rng) -> Moves {
    let begin = Duration::from_millis(rng.u64(100..1_000));
    let mut moves = vec![(begin, Move::Schedule)];
    for _ in 0..rng.u8(1..=2) {
        let later = Duration::from_millis(rng.u64(500..3_500));
        moves.push((begin + later, Move::KillScheduler));
    }
    moves
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_move_is_made_and_none_before_its_time() {
        let mut counts = [0; 7];
        for seed in 1..500 {
            let (mut lasts, mut is_scheduled) = (false, false);
            for (_, one) in of(seed) {
                let place = match one {
                    Move::Cancel(_) => 0,
                    Move::Pause(None) => 1,
                    Move::Pause(Some(_)) => 2,
                    Move::Unpause => 3,
                    Move::Prune => 4,
                    Move::Urgent(_) => 5,
                    Move::Schedule | Move::KillScheduler => 6,
                };
                counts[place] += 1;
                match one {
                    Move::Pause(None) => lasts = true,
                    Move::Unpause => assert!(std::mem::take(&mut lasts)),
                    Move::Schedule => is_scheduled = true,
                    Move::KillScheduler => assert!(is_scheduled),
                    _ => {}
                }
            }
            assert!(!lasts, "seed {seed} stays paused");
        }
        assert!(counts.iter().all(|count| *count > 50), "{counts:?}");
    }
}
