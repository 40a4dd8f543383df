//! Names of states, of the ends of attempts, and of what changed between two commits.

use domain::job::Target;
use domain::ledger::JobState;

use super::{Text, text};
use crate::language::Language;

/// What jobs in a state are called, before their number.
pub const fn job_state(state: JobState) -> Text {
    match state {
        JobState::Queued => text("na fila", "queued"),
        JobState::Running => text("em andamento", "running"),
        JobState::Retrying => text("a repetir", "to be retried"),
        JobState::Deferred => text("adiados", "deferred"),
        JobState::Done => text("feitos", "done"),
        JobState::Superseded => text("substituídos", "superseded"),
        JobState::Failed => text("com falha", "failed"),
        JobState::Cancelled => text("cancelados", "cancelled"),
    }
}

impl Language {
    /// What a job is called: the ledger names the cash out with its filiais.
    pub fn job(self, target: &Target, nome: &str) -> String {
        let Target::SaidasCaixa = target else {
            return nome.to_owned();
        };
        let filiais = match nome.split_once(", ") {
            Some((_, "all filiais")) | None => text("todas as filiais", "all filiais").of(self),
            Some((_, filiais)) => filiais,
        };
        format!("{}, {filiais}", self.words().cash_out)
    }

    /// How an attempt ended; a word of another version stays as it is.
    pub fn outcome(self, word: &str) -> &str {
        let meant = match word {
            "running" => text("em andamento", "running"),
            "done" => text("gravada", "committed"),
            "retry" => text("falhou, será repetida", "failed, to be retried"),
            "deferred" => text("adiada", "deferred"),
            "failed" => text("falhou", "failed"),
            "returned" => text(
                "devolvida, o worker parou",
                "given back, the worker stopped",
            ),
            "superseded" => text("substituída por uma mais nova", "superseded by a newer one"),
            "cancelled" => text("cancelada", "cancelled"),
            "crashed" => text("o worker caiu", "the worker died"),
            other => return other,
        };
        meant.of(self)
    }

    /// What a total of a commit is called: `contratos`, or a measure as it was `read` or `published`.
    pub fn total(self, what: &str) -> String {
        let (measure, part) = what.rsplit_once(' ').unwrap_or((what, ""));
        let part = match part {
            "read" => text("lido", "read"),
            "published" => text("publicado", "published"),
            _ => {
                let counted = match what {
                    "records" => text("registros", "records"),
                    "rejected" => text("registros rejeitados", "rejected records"),
                    other => return other.to_owned(),
                };
                return counted.of(self).to_owned();
            }
        };
        format!("{measure}, {}", part.of(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{English, Portuguese};

    #[test]
    fn what_another_version_wrote_stays_as_it_is() {
        assert_eq!(Portuguese.outcome("crashed"), "o worker caiu");
        assert_eq!(English.outcome("crashed"), "the worker died");
        assert_eq!(Portuguese.outcome("vanished"), "vanished");
    }

    #[test]
    fn the_cash_out_is_called_by_its_filiais() {
        let cash_out = |nome| Portuguese.job(&Target::SaidasCaixa, nome);
        assert_eq!(
            cash_out("saídas de caixa, all filiais"),
            "Saídas, todas as filiais"
        );
        assert_eq!(
            cash_out("saídas de caixa, filiais 100, 107"),
            "Saídas, filiais 100, 107"
        );
        let empreendimento = "7".parse().unwrap();
        assert_eq!(
            Portuguese.job(&empreendimento, "Água, fase 2"),
            "Água, fase 2"
        );
    }

    #[test]
    fn totals_are_told_by_measure_and_part() {
        assert_eq!(Portuguese.total("vp read"), "vp, lido");
        assert_eq!(
            English.total("valor_contrato published"),
            "valor_contrato, published"
        );
        assert_eq!(Portuguese.total("rejected"), "registros rejeitados");
        assert_eq!(Portuguese.total("contratos"), "contratos");
    }
}
