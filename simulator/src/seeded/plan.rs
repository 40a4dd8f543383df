//! Which contracts belong to which empreendimento.

use std::ops::Range;

use super::{Seeded, Stream, contrato, empreendimento};

/// The first contract of each empreendimento, and the end of the last one.
pub(crate) struct Plan {
    starts: Vec<usize>,
}

impl Plan {
    pub fn new(seeded: &Seeded) -> Self {
        let count = seeded.empreendimentos as usize;
        let contratos = u64::from(seeded.contratos);
        let largest = count / 3;
        let weights: Vec<u64> = (0..count)
            .map(|index| weight(seeded, index, largest))
            .collect();
        let sum: u64 = weights.iter().sum();
        let of_largest = match sum {
            0 => contratos,
            _ => (contratos as f64 * seeded.share_of_largest).round() as u64,
        };
        let (mut starts, mut before, mut shared) = (vec![0], 0, 0);
        for (index, weight) in weights.into_iter().enumerate() {
            shared += weight;
            before += if index == largest { of_largest } else { 0 };
            // Rounding the running total, not each part, makes the parts add up.
            let spread = ((contratos - of_largest) * shared)
                .checked_div(sum)
                .unwrap_or(0);
            starts.push((before + spread) as usize);
        }
        Self { starts }
    }

    /// The contracts (by index) of one empreendimento, or of all for 0.
    pub fn contratos_of(&self, codigo: i64) -> Range<usize> {
        if codigo == 0 {
            return 0..self.total();
        }
        let index = empreendimento::index_of(codigo).filter(|at| at + 1 < self.starts.len());
        index.map_or(0..0, |at| self.starts[at]..self.starts[at + 1])
    }

    /// The index of the empreendimento that a contract belongs to.
    pub fn empreendimento_of(&self, contrato: usize) -> usize {
        self.starts.partition_point(|start| *start <= contrato) - 1
    }

    pub fn index_of(&self, cod_contrato: i64) -> Option<usize> {
        let index = usize::try_from(cod_contrato - contrato::FIRST).ok()?;
        (index < self.total()).then_some(index)
    }

    fn total(&self) -> usize {
        self.starts.last().copied().unwrap_or(0)
    }
}

/// How much of the contracts outside the largest empreendimento goes to this one.
fn weight(seeded: &Seeded, index: usize, largest: usize) -> u64 {
    let mut rng = seeded.rng(Stream::Plan, index as i64);
    if index == largest || rng.chance(12) {
        0
    } else {
        rng.between(1, 12) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(plan: &Plan) -> Vec<usize> {
        plan.starts
            .windows(2)
            .map(|pair| pair[1] - pair[0])
            .collect()
    }

    #[test]
    fn every_contract_belongs_somewhere_and_the_largest_has_its_share() {
        let seeded = Seeded {
            empreendimentos: 181,
            contratos: 7_200,
            ..Seeded::default()
        };
        let plan = Plan::new(&seeded);
        let sizes = sizes(&plan);
        assert_eq!(sizes.iter().sum::<usize>(), 7_200);
        assert_eq!(sizes.iter().max(), Some(&2_160));
        assert!(sizes.iter().filter(|size| **size == 0).count() > 5);
        for contrato in 0..7_200 {
            let codigo = empreendimento::codigo(plan.empreendimento_of(contrato));
            assert!(plan.contratos_of(codigo).contains(&contrato));
        }
    }

    #[test]
    fn one_empreendimento_has_everything() {
        let seeded = Seeded {
            empreendimentos: 1,
            contratos: 9,
            ..Seeded::default()
        };
        assert_eq!(sizes(&Plan::new(&seeded)), [9]);
    }

    #[test]
    fn what_is_unknown_has_no_contracts() {
        let plan = Plan::new(&Seeded::default());
        for codigo in [-1, 1, 1_399, 1_401, 999_999_999] {
            assert!(plan.contratos_of(codigo).is_empty(), "{codigo}");
        }
        assert_eq!(plan.index_of(11_000), None);
        assert_eq!(plan.index_of(11_241), None);
        assert_eq!(plan.index_of(11_240), Some(239));
    }
}
