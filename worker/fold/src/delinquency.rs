//! `delinquency`: the amounts overdue at the end of each month, by days late.

use chrono::NaiveDate;
use domain::manifest::Tally;
use domain::money::Amount;
use domain::records::Parcela;
use domain::tables::{Bucket, DelinquencyRow};
use serde_json::json;

use super::calendar::{Calendar, Day, Frame, day, grace_end};

/// The most days late of each [`Bucket`]. A parcela later than the last is reported and left out.
const BUCKET_ENDS: [Day; 5] = [30, 60, 90, 180, 365];
/// One month's snapshot.
#[derive(Debug, Clone, Copy, Default)]
struct Snapshot {
    buckets: [Tally; BUCKET_ENDS.len()],
    over_365: Tally,
}

/// Delinquency, by month of the run.
#[derive(Debug, Clone)]
pub struct Delinquency {
    snapshots: Vec<Snapshot>,
}

impl Delinquency {
    pub fn new(months: usize) -> Self {
        Self {
            snapshots: vec![Snapshot::default(); months],
        }
    }

    /// Adds a parcela with its due date to every month at whose end it was overdue.
    pub fn add(&mut self, calendar: &Calendar, parcela: &Parcela, due: NaiveDate) {
        if !parcela.active || !parcela.from_contract || due >= calendar.as_of {
            return;
        }
        let grace_end = grace_end(day(due));
        for (frame, snapshot) in calendar.frames().iter().zip(&mut self.snapshots) {
            // The end of the grace is never before the due date.
            let overdue = day(frame.snapshot) > grace_end;
            // A paid parcela is not overdue, even where its payment date is unknown.
            let unpaid = match parcela.data_baixa {
                Some(paid) => paid > frame.snapshot,
                None => !parcela.paid,
            };
            if overdue && unpaid {
                let late = day(frame.snapshot) - day(due);
                let bucket = BUCKET_ENDS.iter().position(|end| late <= *end);
                bucket
                    .map_or(&mut snapshot.over_365, |bucket| {
                        &mut snapshot.buckets[bucket]
                    })
                    .add(parcela.valor);
            }
        }
    }

    pub fn merge(&mut self, other: &Self) {
        for (snapshot, other) in self.snapshots.iter_mut().zip(&other.snapshots) {
            for (bucket, other) in snapshot.buckets.iter_mut().zip(other.buckets) {
                bucket.merge(other);
            }
            snapshot.over_365.merge(other.over_365);
        }
    }

    /// What is overdue in a bucket, month by month.
    pub fn amounts(&self, bucket: Bucket) -> impl Iterator<Item = Amount> {
        let snapshots = self.snapshots.iter();
        snapshots.map(move |snapshot| snapshot.buckets[bucket as usize].amount)
    }

    /// A row for every month, zeros included.
    pub fn rows(&self, calendar: &Calendar) -> Vec<DelinquencyRow> {
        calendar
            .frames()
            .iter()
            .zip(&self.snapshots)
            .map(|(frame, s)| s.row(frame))
            .collect()
    }
}

impl Snapshot {
    fn row(&self, frame: &Frame) -> DelinquencyRow {
        let mut total = Tally::default();
        self.buckets.iter().for_each(|bucket| total.merge(*bucket));
        let quantities: serde_json::Map<_, _> = Bucket::ALL
            .iter()
            .zip(self.buckets)
            .map(|(bucket, tally)| (bucket.name().to_owned(), tally.count.into()))
            .collect();
        DelinquencyRow {
            ref_month: frame.month,
            buckets: self.buckets.map(|bucket| bucket.amount.round()),
            total: total.amount.round(),
            details: json!({
                "ref": frame.snapshot,
                "quantity": total.count,
                "quantities": quantities,
                "over_365": { "quantity": self.over_365.count, "amount": self.over_365.amount.round() },
            }),
        }
    }
}
