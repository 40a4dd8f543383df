use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn members(pending: &[bool]) -> Vec<Member> {
    let member = |pending: &bool| Member {
        pending: *pending,
        held: 0,
    };
    pending.iter().map(member).collect()
}

fn all_due(total: usize, pending: &[bool]) -> Vec<usize> {
    let living = members(pending);
    let places = 0..living.len();
    places.map(|place| due(total, &living, place)).collect()
}

fn held(living: &[Member]) -> Vec<usize> {
    living.iter().map(|member| member.held).collect()
}

/// Every worker renews its lease twice, in turn: those that give up, then those that take.
fn renew(total: usize, living: &mut [Member]) {
    for _ in 0..2 {
        for place in 0..living.len() {
            living[place].held = lease(total, living, place);
        }
    }
}

#[test]
fn calls_go_in_equal_parts_to_those_with_work() {
    assert_eq!(all_due(96, &[true]), [96]);
    assert_eq!(all_due(96, &[false; 4]), [24; 4]);
    assert_eq!(all_due(96, &[true, true, false, false]), [47, 47, 1, 1]);
    assert_eq!(all_due(26, &[true; 8]), [4, 4, 3, 3, 3, 3, 3, 3]);
    assert_eq!(all_due(1, &[false, true]), [1, 0]);
    assert_eq!(all_due(0, &[true]), [0]);
}

#[test]
fn a_worker_that_joins_gets_its_part_when_the_others_have_given_it_up() {
    let mut living = members(&[true, true]);
    renew(96, &mut living);
    living.extend(members(&[true]));
    assert_eq!(lease(96, &living, 2), 0, "all calls are held");
    renew(96, &mut living);
    assert_eq!(held(&living), [32, 32, 32]);
}

/// Workers of a fleet renew their leases in some order, each with calls in flight of an earlier
/// lease; then all calls end and each renews again.
fn asks_and_settles(total: usize, asks: &[(usize, usize, usize)]) {
    let mut living = members(&[false; 8]);
    for (place, pending, in_flight) in asks {
        let before = living[*place].held;
        living[*place].pending = *pending > 0;
        let share = lease(total, &living, *place);
        living[*place].held = share.max((*in_flight).min(before));
        assert!(held(&living).iter().sum::<usize>() <= total);
    }
    renew(total, &mut living);
    assert_eq!(
        held(&living).iter().sum::<usize>(),
        total,
        "a call lies idle"
    );
}

#[test]
fn no_call_lies_idle_for_good() {
    // Rules that went by the calls that each worker still had to make left one of 26 idle here.
    let asks = [
        (6, 0, 0),
        (6, 71, 0),
        (4, 33, 0),
        (2, 359, 0),
        (3, 170, 0),
        (5, 364, 0),
        (4, 162, 0),
        (6, 184, 0),
        (7, 116, 0),
        (0, 464, 0),
    ];
    asks_and_settles(26, &asks);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_due_is_the_total_and_leaves_nobody_out(
        total in 0..300_usize,
        pending in vec(any::<bool>(), 1..30),
    ) {
        let due = all_due(total, &pending);
        prop_assert_eq!(due.iter().sum::<usize>(), total);
        for (place, due) in due.iter().enumerate() {
            prop_assert_eq!(*due > 0, place < total);
        }
    }

    #[test]
    fn leases_never_exceed_the_total_and_no_call_lies_idle(
        total in 0..300_usize,
        asks in vec((0..8_usize, 0..500_usize, 0..100_usize), 1..200),
    ) {
        asks_and_settles(total, &asks);
    }
}
