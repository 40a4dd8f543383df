//! Telling the parcelas of a contrato that come twice.

use std::hash::BuildHasher as _;

use domain::records::Parcela;
use hashbrown::hash_map::Entry;
use hashbrown::{DefaultHashBuilder, HashMap, HashSet};

/// How a parcela comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comes {
    /// For the first time.
    First,
    /// Once more, equal in every field that is used.
    Again,
    /// With the `cod_parcela` of another, and other contents.
    WithKnownCode,
}

/// The parcelas of one contrato so far, told apart by `cod_parcela` and a hash of all that is used.
#[derive(Debug, Clone, Default)]
pub struct Repeats {
    hasher: DefaultHashBuilder,
    first: HashMap<i64, u64>,
    /// Those that came with a known code and other contents.
    others: HashSet<(i64, u64)>,
}

impl Repeats {
    /// Takes note of a parcela.
    pub fn note(&mut self, parcela: &Parcela) -> Comes {
        let contents = self.hasher.hash_one(parcela);
        match self.first.entry(parcela.code) {
            Entry::Vacant(free) => {
                free.insert(contents);
                Comes::First
            }
            Entry::Occupied(first) if *first.get() == contents => Comes::Again,
            Entry::Occupied(_) if self.others.insert((parcela.code, contents)) => {
                Comes::WithKnownCode
            }
            Entry::Occupied(_) => Comes::Again,
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::money::Amount;

    use super::*;

    #[test]
    fn a_parcela_counts_once_however_often_it_comes() {
        let mut repeats = Repeats::default();
        let mut comes = |code, centavos| {
            repeats.note(&Parcela {
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
        assert_eq!(comes(1, 10), Comes::First);
        assert_eq!(comes(2, 10), Comes::First);
        assert_eq!(comes(1, 20), Comes::WithKnownCode);
        for centavos in [10, 20] {
            assert_eq!(comes(1, centavos), Comes::Again);
        }
        assert_eq!(comes(1, 30), Comes::WithKnownCode);
    }
}
