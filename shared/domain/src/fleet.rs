//! How the workers of a fleet share the calls that may be in flight at once.
//!
//! Each worker holds a lease in the ledger, the most calls it may have in flight, and asks anew with
//! every heartbeat. It takes only what no other worker holds, so all leases together are never more
//! than the total, in whatever order the workers ask, unless one was cut off from the ledger for so
//! long that its lease had ended.

use std::time::Duration;

/// How often a worker says that it lives and which calls it wants. Calls that one gives up are
/// another's after two heartbeats, which at the end of a run is time in which nobody makes them; the
/// transaction takes some milliseconds.
pub const HEARTBEAT: Duration = Duration::from_secs(1);
/// The same while calls are on their way from one worker to another, and nobody's meanwhile; and
/// with the last calls of a run, which are soon on their way.
pub const QUICK_HEARTBEAT: Duration = Duration::from_millis(250);
/// A worker silent for longer than this has missed heartbeats, and its calls are the others': one that
/// takes the place of a killed one must not wait for its death to be certain. A living one that was
/// cut off from the database for longer still makes its calls, so that until its next heartbeat the
/// fleet's can be more than the total.
pub const LEASE_SILENCE: Duration = Duration::from_secs(5);
/// A worker silent for longer than this is taken for dead: its hold on a target ends.
pub const WORKER_SILENCE: Duration = Duration::from_secs(45);
/// A worker that was not heard of for this long has missed heartbeats, which a slow database does not
/// explain: where something hints that it died, it did.
pub const MISSED_HEARTBEAT: Duration = Duration::from_secs(18);

/// What a worker says of its calls with each heartbeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calls {
    /// The most calls in flight of the whole fleet; the same for each worker.
    pub total: usize,
    /// Calls that its jobs in hand still have to make, those in flight included.
    pub wanted: usize,
    /// Whether it has all the jobs it takes at once, so that when one ends the next comes at once.
    pub more_to_come: bool,
    /// For how long others may have been silent and still hold their calls.
    pub patience: Duration,
    /// What it keeps from others at this moment: its share, or what those still in flight hold of a
    /// larger one.
    pub held: usize,
}

/// The answer to a heartbeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// The most calls the worker may have in flight from now on. Less than it holds counts as held
    /// until the next heartbeat says that those in flight have ended.
    pub share: usize,
    /// Living workers, itself included.
    pub workers: usize,
    /// Whether calls are on their way from the worker or to it: the sooner it asks again, the
    /// shorter they are nobody's.
    pub moving: bool,
}

/// A living worker, as the ledger has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Calls that its jobs in hand still have to make.
    pub wanted: usize,
    /// Whether it has all the jobs it takes at once.
    pub more_to_come: bool,
    /// The most it may have in flight.
    pub held: usize,
}

/// A lease is lowered when its due part is less than this part of it. Work in hand comes and goes
/// with each job: calls that moved each time would be used by nobody while they move.
const KEEP: f64 = 0.75;

/// What each worker is expected to make of the queue's work, in times of the fleet's total. Nobody
/// knows how much the queue holds. With this much, what the jobs in hand happen to have left moves no
/// calls, while a job that is large beside the rest still draws some.
const MORE_TO_COME: usize = 8;

/// The lease of the worker at `place` among the living, the longest alive first.
pub fn lease(total: usize, living: &[Member], place: usize) -> Lease {
    let targets = targets(total, expected(total, living));
    let others = || (0..living.len()).filter(|other| *other != place);
    let free = total.saturating_sub(others().map(|other| living[other].held).sum());
    let anyone_without = targets
        .iter()
        .zip(living)
        .any(|(target, member)| *target > 0 && member.held == 0);
    // The most that one may have by itself, whatever the others hold.
    let due = |place: usize| {
        let (target, held) = (targets[place], living[place].held);
        let keeps = !anyone_without && target as f64 >= held as f64 * KEEP;
        if keeps { target.max(held) } else { target }
    };
    let share = due(place).min(free);
    let gives_up = |place: usize| due(place) < living[place].held;
    let is_given_some = share < targets[place] && others().any(gives_up);
    Lease {
        share,
        workers: living.len(),
        moving: gives_up(place) || is_given_some,
    }
}

/// The calls that each will have to make, as far as can be told. The queue has more jobs only while
/// none that takes jobs has a place free for one.
fn expected(total: usize, living: &[Member]) -> impl Iterator<Item = usize> {
    let mut taking = living.iter().filter(|member| member.held > 0);
    let to_come = match taking.all(|member| member.more_to_come) {
        true => total.saturating_mul(MORE_TO_COME),
        false => 0,
    };
    living
        .iter()
        .map(move |member| member.wanted.saturating_add(to_come))
}

/// The parts of the total that are due to workers who want so many calls each: one for each first,
/// by place while the total lasts, because without one a worker takes no job. Of the rest, each
/// call goes to the one that would be the last to end with what it has, so that all end together
/// and the run as early as it can. What nobody wants is shared equally, for jobs to come.
fn targets(total: usize, wanted: impl Iterator<Item = usize>) -> Vec<usize> {
    let wanted: Vec<usize> = wanted.collect();
    let alive = wanted.len();
    let mut targets: Vec<_> = (0..alive).map(|place| usize::from(place < total)).collect();
    let mut left = total.saturating_sub(alive);
    while left > 0 {
        let rounds = |place: usize| wanted[place] as f64 / targets[place] as f64;
        let unsatisfied = (0..alive).filter(|place| targets[*place] < wanted[*place]);
        // Of equals the first: `max_by` gives the last.
        let last = unsatisfied
            .rev()
            .max_by(|a, b| rounds(*a).total_cmp(&rounds(*b)));
        let Some(last) = last else { break };
        targets[last] += 1;
        left -= 1;
    }
    for (place, target) in targets.iter_mut().enumerate() {
        *target += left / alive + usize::from(place < left % alive);
    }
    targets
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn due(total: usize, wanted: &[usize]) -> Vec<usize> {
        targets(total, wanted.iter().copied())
    }

    /// A fleet in which each has asked again and again, in turn.
    fn settled(total: usize, living: &mut [Member]) {
        for _ in 0..3 {
            for place in 0..living.len() {
                living[place].held = lease(total, living, place).share;
            }
        }
    }

    fn members(wanted: &[usize]) -> Vec<Member> {
        let member = |wanted: &usize| Member {
            wanted: *wanted,
            more_to_come: false,
            held: 0,
        };
        wanted.iter().map(member).collect()
    }

    #[test]
    fn calls_go_where_the_work_is() {
        assert_eq!(due(96, &[500]), [96]);
        assert_eq!(due(96, &[0, 0, 0, 0]), [24, 24, 24, 24]);
        assert_eq!(due(96, &[500, 500, 0, 0]), [47, 47, 1, 1]);
        assert_eq!(due(96, &[720, 80, 80, 80]), [72, 8, 8, 8]);
        assert_eq!(due(96, &[20, 0]), [58, 38]);
        assert_eq!(due(1, &[0, 500]), [1, 0]);
    }

    #[test]
    fn what_a_busy_fleet_holds_does_not_move_with_each_job() {
        let mut living = members(&[100, 100, 100, 100]);
        settled(96, &mut living);
        living[0].wanted = 120;
        living[1].wanted = 90;
        let before = living.clone();
        settled(96, &mut living);
        assert_eq!(living, before);
        // One that has nothing left gives its calls up.
        living[2].wanted = 0;
        settled(96, &mut living);
        assert_eq!(living[2].held, 1);
        assert_eq!(living.iter().map(|member| member.held).sum::<usize>(), 96);
    }

    #[test]
    fn one_that_joins_a_busy_fleet_gets_its_first_call() {
        let mut living = members(&[500, 500]);
        settled(96, &mut living);
        living.extend(members(&[0]));
        assert_eq!(lease(96, &living, 2).share, 0, "all are held");
        settled(96, &mut living);
        assert_eq!(living[2].held, 1);
    }

    #[test]
    fn equal_parts_stay_while_the_queue_has_more() {
        let mut living = members(&[100, 100, 100, 100]);
        settled(96, &mut living);
        for (member, wanted) in living.iter_mut().zip([150, 20, 90, 40]) {
            *member = Member {
                wanted,
                more_to_come: true,
                ..*member
            };
        }
        let before = living.clone();
        settled(96, &mut living);
        assert_eq!(living, before);
        // A job that is large beside the total draws some: 2,768 to 788, 858 and 808.
        living[0].wanted = 2_000;
        settled(96, &mut living);
        let held = |living: &[Member]| living.iter().map(|member| member.held).collect::<Vec<_>>();
        assert_eq!(held(&living), [50, 15, 16, 15]);
        // The first that gets no new job shows that the queue is empty: 40 to 20, 240 and 0.
        for (member, wanted) in living.iter_mut().zip([40, 20, 240, 0]) {
            member.wanted = wanted;
        }
        living[3].more_to_come = false;
        settled(96, &mut living);
        assert_eq!(held(&living), [13, 7, 75, 1]);
    }

    #[test]
    fn while_calls_are_on_their_way_both_sides_ask_again_soon() {
        let mut living = members(&[500, 0]);
        settled(96, &mut living);
        let asks = |living: &[Member]| {
            let both = [lease(96, living, 0), lease(96, living, 1)];
            both.map(|lease| (lease.share, lease.moving))
        };
        assert_eq!(asks(&living), [(95, false), (1, false)]);
        living[1].wanted = 500;
        assert_eq!(asks(&living), [(48, true), (1, true)]);
        living[0].held = 48;
        assert_eq!(asks(&living), [(48, false), (48, false)]);
        // What is due to one but kept by the other is not on its way.
        living[1] = Member {
            wanted: 600,
            held: 48,
            ..living[1]
        };
        assert_eq!(asks(&living), [(48, false), (48, false)]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn targets_are_the_total_and_nobody_is_left_out(
            total in 0..300_usize,
            wanted in vec(0..1000_usize, 1..30),
        ) {
            let targets = due(total, &wanted);
            prop_assert_eq!(targets.iter().sum::<usize>(), total);
            for (place, target) in targets.iter().enumerate() {
                prop_assert_eq!(*target > 0, place < total);
            }
            // More than is wanted only when all have what they want.
            let more = targets.iter().zip(&wanted).any(|(target, wanted)| target > wanted.max(&1));
            let less = targets.iter().zip(&wanted).any(|(target, wanted)| target < wanted);
            prop_assert!(!(more && less));
        }

        #[test]
        fn who_wants_more_gets_no_less(
            total in 0..300_usize,
            wanted in vec(0..1000_usize, 1..30),
            place in any::<prop::sample::Index>(),
            more in 1..1000_usize,
        ) {
            let place = place.index(wanted.len());
            let before = due(total, &wanted);
            for (other, target) in before.iter().enumerate().filter(|(other, _)| *other > place) {
                prop_assert!(wanted[place] < wanted[other] || before[place] >= *target);
            }
            let mut after = wanted.clone();
            after[place] += more;
            prop_assert!(due(total, &after)[place] >= before[place]);
            for (before, after) in before.iter().zip(due(total + more, &wanted)) {
                prop_assert!(after >= *before);
            }
        }

        #[test]
        fn leases_are_never_more_than_the_total(
            total in 0..300_usize,
            asks in vec((0..8_usize, 0..500_usize, 0..100_usize), 1..200),
        ) {
            let mut living = members(&[0; 8]);
            let mut shares = [0; 8];
            for (place, wanted, in_flight) in asks {
                living[place] = Member {
                    wanted,
                    more_to_come: wanted % 2 == 0,
                    held: shares[place].max(in_flight.min(living[place].held)),
                };
                shares[place] = lease(total, &living, place).share;
                living[place].held = living[place].held.max(shares[place]);
                prop_assert!(living.iter().map(|member| member.held).sum::<usize>() <= total);
            }
            // Once all have asked, and what was in flight has ended, nothing lies idle.
            settled(total, &mut living);
            prop_assert_eq!(living.iter().map(|member| member.held).sum::<usize>(), total);
        }
    }
}
