//! Cash out payable by payable: both tables are sums over payables, so that what explains the payables
//! explains the sums.

use std::collections::{BTreeMap, BTreeSet};

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

    fn is_same(&self, other: &Payable<'_>) -> bool {
        self.is_alike(other) && self.tipo == other.tipo
    }

    fn is_alike(&self, other: &Payable<'_>) -> bool {
        (self.due, self.valor) == (other.due, other.valor)
    }
}

/// A payable of ours beside one of theirs, or one that is alone.
pub struct Pair<'a> {
    pub ours: Option<&'a Line>,
    pub theirs: Option<&'a Line>,
    /// Why it is alone; nothing where there are both.
    pub alone: Option<Cause>,
}

/// The payables of an old key, of which the old table holds one at most: beside it the one that is the same,
/// else one of the same due day and value, else the first. `known` are the filiais of the old tables.
pub fn pairs<'a>(ours: &'a [Line], theirs: &'a [Line], known: &BTreeSet<String>) -> Vec<Pair<'a>> {
    let mut left: Vec<&Line> = ours.iter().collect();
    let mut pairs = Vec::new();
    for their in theirs {
        let payable = Payable::of(their);
        let first = |fits: fn(&Payable<'_>, &Payable<'_>) -> bool| {
            left.iter()
                .position(|our| fits(&Payable::of(our), &payable))
        };
        let at = first(|our, their| our.is_same(their))
            .or_else(|| first(|our, their| our.is_alike(their)))
            .or((!left.is_empty()).then_some(0));
        pairs.push(Pair {
            ours: at.map(|at| left.remove(at)),
            theirs: Some(their),
            alone: at.is_none().then_some(Cause::Vanished),
        });
    }
    pairs.extend(left.into_iter().map(|our| Pair {
        ours: Some(our),
        theirs: None,
        alone: Some(match (known.contains(&our.key[0]), theirs.is_empty()) {
            (false, _) => Cause::UnknownFilial,
            (true, false) => Cause::OldKey,
            (true, true) => Cause::Unexplained,
        }),
    }));
    pairs
}

impl Payments {
    /// Takes in the payables of an old key.
    pub fn add(&mut self, pairs: &[Pair<'_>]) {
        for pair in pairs {
            let [our, their] = [pair.ours, pair.theirs].map(|line| line.map(Payable::of));
            for (place, amount) in their.iter().flat_map(Payable::places) {
                *self.theirs.entry(place).or_default() += amount;
            }
            let cause = pair.alone.unwrap_or_else(|| match (&our, &their) {
                (Some(our), Some(their)) if !our.is_same(their) => Cause::Redated,
                (Some(our), Some(their)) if our.baixa != their.baixa => Cause::Settled,
                _ => Cause::Unexplained,
            });
            self.differ(cause, our.as_ref(), their.as_ref());
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
