//! Irregular records found by a fold, for the checks.

use domain::checks::MOST_SAMPLES;
use domain::job::ContratoId;
use domain::manifest::Tally;
use domain::money::Amount;

/// A number of records, their amount, and the codes of the first of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sampled {
    /// Their number and amount.
    pub tally: Tally,
    /// Codes of the first of them.
    pub samples: Vec<String>,
}

impl Sampled {
    /// Adds a record.
    pub fn add(&mut self, amount: Amount, code: impl ToString) {
        self.tally.add(amount);
        if self.samples.len() < MOST_SAMPLES {
            self.samples.push(code.to_string());
        }
    }

    /// Adds another's records.
    pub fn merge(&mut self, other: Self) {
        self.tally.merge(other.tally);
        let room = MOST_SAMPLES.saturating_sub(self.samples.len());
        self.samples.extend(other.samples.into_iter().take(room));
    }

    /// Names each code as a parcela of a contrato.
    fn of_contrato(mut self, contrato: ContratoId) -> Self {
        for code in &mut self.samples {
            *code = format!("contrato {contrato}, parcela {code}");
        }
        self
    }
}

/// Irregular parcelas of one contrato or of many.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ParcelaFindings {
    /// Parcelas that were rejected.
    pub rejected: Sampled,
    /// Parcelas repeated in every field that is used. They count once.
    pub repeated: Sampled,
    /// Parcelas with the code of another one and other contents. Both count.
    pub same_code: Sampled,
    /// Parcelas without `data_vencimento`. They count for `vp` alone.
    pub without_due_date: Sampled,
    /// Paid parcelas without `data_baixa` or `vlr_pago`.
    pub unplaced: Sampled,
}

impl ParcelaFindings {
    /// Adds the findings of a contrato.
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

/// Irregular records of an empreendimento.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// Number of contratos in the list, with those of other empreendimentos.
    pub contratos: u64,
    /// Contratos of another empreendimento, by code.
    pub foreign: Sampled,
    /// Contratos listed more than once.
    pub contratos_repeated: Sampled,
    /// Contratos whose `data_assinatura` cannot be read.
    pub assinatura_unreadable: Sampled,
    /// Irregular parcelas.
    pub parcelas: ParcelaFindings,
}
