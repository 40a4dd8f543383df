//! Detects repeated parcelas of a contrato.

use std::hash::BuildHasher as _;

use domain::records::Parcela;
use hashbrown::hash_map::Entry;
use hashbrown::{DefaultHashBuilder, HashMap, HashSet};

/// How a parcela relates to those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occurrence {
    /// The first with its `cod_parcela`.
    First,
    /// Equal to an earlier one in every field that is used.
    Repeated,
    /// The same `cod_parcela` as an earlier one, with other contents.
    SameCode,
}

/// The parcelas of one contrato so far, by `cod_parcela` and a hash of the fields that are used.
#[derive(Debug, Clone, Default)]
pub struct SeenParcelas {
    hasher: DefaultHashBuilder,
    first: HashMap<i64, u64>,
    /// Code and hash of later parcelas with a known code and other contents.
    others: HashSet<(i64, u64)>,
}

impl SeenParcelas {
    /// Records a parcela, and classifies it.
    pub fn classify(&mut self, parcela: &Parcela) -> Occurrence {
        let contents = self.hasher.hash_one(parcela);
        match self.first.entry(parcela.code) {
            Entry::Vacant(free) => {
                free.insert(contents);
                Occurrence::First
            }
            Entry::Occupied(first) if *first.get() == contents => Occurrence::Repeated,
            Entry::Occupied(_) if self.others.insert((parcela.code, contents)) => {
                Occurrence::SameCode
            }
            Entry::Occupied(_) => Occurrence::Repeated,
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::money::Amount;

    use super::*;

    #[test]
    fn repeated_parcelas_are_recognised_by_all_fields() {
        let mut seen = SeenParcelas::default();
        let mut classify = |code, centavos| {
            seen.classify(&Parcela {
                code,
                active: true,
                from_contract: true,
                paid: false,
                mensal_of: None,
                data_vencimento: None,
                data_baixa: None,
                valor: Amount::from_centavos(centavos),
                vlr_corrigido: Amount::ZERO,
                vlr_pago: Amount::ZERO,
                vlr_pago_missing: true,
                vlr_presente: Amount::ZERO,
            })
        };
        assert_eq!(classify(1, 10), Occurrence::First);
        assert_eq!(classify(2, 10), Occurrence::First);
        assert_eq!(classify(1, 20), Occurrence::SameCode);
        for centavos in [10, 20] {
            assert_eq!(classify(1, centavos), Occurrence::Repeated);
        }
        assert_eq!(classify(1, 30), Occurrence::SameCode);
    }
}
