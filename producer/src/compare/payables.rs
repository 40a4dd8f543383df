//! Cash out payable by payable: both tables are sums over payables, so that what explains the payables
//! explains the sums.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use store::Line;

use super::cause::Cause;
use super::part::{Part, number};

/// A cell of the cash out: filial, month, category, and the figure.
type Place = (String, String, String, &'static str);

const ORCAMENTO: &str = "orcamento";
const REALIZADO: &str = "realizado";

/// What the payables of both sides give, by cell and cause.
#[derive(Debug, Default)]
pub struct Payments {
    differences: BTreeMap<(Place, Cause), [Decimal; 2]>,
    /// What the old payables give altogether.
    theirs: BTreeMap<Place, Decimal>,
}

/// A payable of one side.
struct Payable<'a> {
    filial: &'a str,
    due: &'a str,
    valor: Decimal,
    saldo: Decimal,
    baixa: Option<&'a str>,
    tipo: &'a str,
}

impl<'a> Payable<'a> {
    fn of(line: &'a Line) -> Self {
        let text = |at: usize| line.figures[at].as_deref();
        Self {
            filial: &line.key[0],
            due: text(0).unwrap_or_default(),
            valor: number(&line.figures[1]),
            saldo: number(&line.figures[2]),
            baixa: text(3),
            tipo: text(4).unwrap_or_default(),
        }
    }

    /// Where it counts, and how much.
    fn places(&self) -> [(Place, Decimal); 2] {
        let place = |day: &str, figure| {
            let month = day.get(..7).unwrap_or_default().to_owned();
            (self.filial.to_owned(), month, self.tipo.to_owned(), figure)
        };
        let paid = (self.valor - self.saldo).max(Decimal::ZERO);
        [
            (place(self.due, ORCAMENTO), self.valor),
            (place(self.baixa.unwrap_or(self.due), REALIZADO), paid),
        ]
    }

    fn is_same(&self, other: &Self) -> bool {
        (self.due, self.valor, self.tipo) == (other.due, other.valor, other.tipo)
    }
}

impl Payments {
    /// Takes in the payables of an old key: any number of ours, and at most one of theirs. `known` says
    /// whether the old tables have the filial.
    pub fn add(&mut self, ours: &[Line], theirs: &[Line], known: bool) {
        let mut ours: Vec<_> = ours.iter().map(Payable::of).collect();
        for their in theirs.iter().map(Payable::of) {
            for (place, amount) in their.places() {
                *self.theirs.entry(place).or_default() += amount;
            }
            let same = ours.iter().position(|our| our.is_same(&their));
            let Some(at) = same.or((!ours.is_empty()).then_some(0)) else {
                self.differ(Cause::Vanished, None, Some(&their));
                continue;
            };
            let our = ours.remove(at);
            let cause = match () {
                () if same.is_none() => Cause::Redated,
                () if our.baixa != their.baixa => Cause::Settled,
                () => Cause::Unexplained,
            };
            self.differ(cause, Some(&our), Some(&their));
        }
        let cause = match (known, theirs.is_empty()) {
            (false, _) => Cause::UnknownFilial,
            (true, false) => Cause::OldKey,
            (true, true) => Cause::Unexplained,
        };
        for our in &ours {
            self.differ(cause, Some(our), None);
        }
    }

    /// Puts down what a payable counts for on each side, unless it counts the same.
    fn differ(&mut self, cause: Cause, ours: Option<&Payable<'_>>, theirs: Option<&Payable<'_>>) {
        let mut places: BTreeMap<Place, [Decimal; 2]> = BTreeMap::new();
        for (side, payable) in [ours, theirs].into_iter().enumerate() {
            for (place, amount) in payable.iter().flat_map(|payable| payable.places()) {
                places.entry(place).or_default()[side] += amount;
            }
        }
        for (place, amounts) in places.into_iter().filter(|(_, [our, their])| our != their) {
            let sums = self.differences.entry((place, cause)).or_default();
            for (sum, amount) in sums.iter_mut().zip(amounts) {
                *sum += amount;
            }
        }
    }

    /// The parts of a cell's difference.
    pub fn parts(&self, key: &[String], figure: &str, ours: Decimal, theirs: Decimal) -> Vec<Part> {
        let figure = match figure {
            ORCAMENTO => ORCAMENTO,
            _ => REALIZADO,
        };
        let place = (key[0].clone(), key[1].clone(), key[2].clone(), figure);
        let range = (place.clone(), Cause::Window)..=(place.clone(), Cause::Unexplained);
        let differences = self.differences.range(range);
        let mut parts: Vec<_> = differences
            .map(|((_, cause), [ours, theirs])| Part {
                cause: *cause,
                ours: *ours,
                theirs: *theirs,
            })
            .collect();
        let given = self.theirs.get(&place).copied().unwrap_or_default();
        if given != theirs {
            parts.push(Part {
                cause: Cause::StaleKey,
                ours: given,
                theirs,
            });
        }
        let explained: Decimal = parts.iter().map(|part| part.ours - part.theirs).sum();
        let rest = ours - theirs - explained;
        if !rest.is_zero() {
            parts.push(Part {
                cause: Cause::Unexplained,
                ours: rest,
                theirs: Decimal::ZERO,
            });
        }
        parts
    }
}

#[cfg(test)]
mod tests;
