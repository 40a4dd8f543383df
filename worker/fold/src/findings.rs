//! What a fold finds on its way that the checks judge, beside the figures.

use domain::checks::MOST_SAMPLES;
use domain::job::ContratoId;
use domain::manifest::Tally;
use domain::money::Amount;

/// How many records, for how much, and the codes of the first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sampled {
    /// How many, and how much.
    pub tally: Tally,
    /// Codes of the first of them.
    pub samples: Vec<String>,
}

impl Sampled {
    /// One more record.
    pub fn add(&mut self, amount: Amount, code: impl ToString) {
        self.tally.add(amount);
        if self.samples.len() < MOST_SAMPLES {
            self.samples.push(code.to_string());
        }
    }

    /// All of another's.
    pub fn merge(&mut self, other: Self) {
        self.tally.merge(other.tally);
        let room = MOST_SAMPLES.saturating_sub(self.samples.len());
        self.samples.extend(other.samples.into_iter().take(room));
    }

    /// The same with each code named as a parcela of a contrato.
    fn of_contrato(mut self, contrato: ContratoId) -> Self {
        for code in &mut self.samples {
            *code = format!("contrato {contrato}, parcela {code}");
        }
        self
    }
}

/// What the parcelas of a contrato, or of many, have that is not quite right.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ParcelaFindings {
    /// Rejected.
    pub rejected: Sampled,
    /// Repeated in every field that is used: counted once.
    pub repeated: Sampled,
    /// With the code of another and other contents: both count.
    pub same_code: Sampled,
    /// Without `data_vencimento`: they count for `vp` alone.
    pub without_due_date: Sampled,
    /// Paid, without `data_baixa` or `vlr_pago`.
    pub unplaced: Sampled,
}

impl ParcelaFindings {
    /// Adds those of a contrato.
    pub fn merge(&mut self, contrato: ContratoId, other: Self) {
        for (all, own) in [
            (&mut self.rejected, other.rejected),
            (&mut self.repeated, other.repeated),
            (&mut self.same_code, other.same_code),
            (&mut self.without_due_date, other.without_due_date),
            (&mut self.unplaced, other.unplaced),
        ] {
            all.merge(own.of_contrato(contrato));
        }
    }
}

/// What an empreendimento's answers have that is not quite right.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// Contratos in the list, of whichever empreendimento.
    pub contratos: u64,
    /// Contratos of another empreendimento, by code.
    pub foreign: Sampled,
    /// Contratos listed more than once.
    pub contratos_repeated: Sampled,
    /// Contratos whose `data_assinatura` cannot be read.
    pub assinatura_unreadable: Sampled,
    /// Those of the parcelas.
    pub parcelas: ParcelaFindings,
}
