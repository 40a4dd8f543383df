//! What each check is called, and what it expects.

use domain::checks::{CheckName, CheckRecord, CheckVerdict};
use domain::job::Target;

use super::{Text, text};
use crate::language::Language;

/// A recorded check in words; what another version wrote stays as it is.
pub struct ToldCheck<'a> {
    /// What it is called.
    pub called: &'a str,
    /// Its verdict.
    pub verdict: &'a str,
    /// What it expects.
    pub expected: &'a str,
    /// What was checked; none where it was the plan of the run.
    pub target: Option<Target>,
}

impl Language {
    /// A check in words.
    pub fn check(self, record: &CheckRecord) -> ToldCheck<'_> {
        let mut all = CheckName::ALL.iter().copied();
        let known = all.find(|check| check.name() == record.name).map(meaning);
        let mut verdicts = CheckVerdict::ALL.iter().copied();
        let verdict = verdicts.find(|verdict| verdict.name() == record.verdict);
        ToldCheck {
            called: known.map_or(&record.name, |(name, _)| name.of(self)),
            verdict: verdict.map_or(&record.verdict, |one| verdict_name(one).of(self)),
            expected: match (self, known) {
                (Self::Portuguese, Some((_, expected))) => expected,
                (Self::English, _) | (_, None) => &record.expected,
            },
            target: record.target.parse().ok(),
        }
    }
}

/// In Portuguese what every balance expects.
const BALANCED: &str = "lido = publicado + deixado de fora, até a última casa decimal";

/// What a check is called, and in Portuguese what it expects.
#[rustfmt::skip]
pub(super) const fn meaning(check: CheckName) -> (Text, &'static str) {
    use CheckName as Name;
    let (portuguese, english, expected) = match check {
        Name::Whole => ("tudo chegou", "everything arrived", "uma resposta para cada chamada"),
        Name::ReadableContratos => ("contratos legíveis", "readable contratos", "todo contrato legível; data_assinatura pode ser desconhecida"),
        Name::ReadableParcelas => ("parcelas legíveis", "readable parcelas", "no máximo 1 % das parcelas rejeitadas, e não todas as de um contrato"),
        Name::ReadableFaturas => ("faturas legíveis", "readable faturas", "no máximo 1 % das faturas rejeitadas"),
        Name::Belongs => ("contratos do próprio empreendimento", "contratos of the empreendimento itself", "no máximo um contrato, ou 1 %, de outro empreendimento"),
        Name::Once => ("sem repetições", "no repetitions", "cada registro uma vez"),
        Name::Placed => ("datas e valores presentes", "dates and amounts present", "data_vencimento em toda parcela, data_baixa e vlr_pago em toda parcela paga"),
        Name::BalancedForecast => ("o previsto fecha", "forecast adds up", BALANCED),
        Name::BalancedActual => ("o recebido fecha", "received adds up", BALANCED),
        Name::BalancedVp => ("o valor presente fecha", "present value adds up", BALANCED),
        Name::BalancedValorContrato => ("o valor dos contratos fecha", "value of contratos adds up", BALANCED),
        Name::ByContrato => ("a soma dos contratos", "sum of contratos", "cada valor = a soma do que os contratos somam, arredondada uma vez"),
        Name::BalancedOrcamento => ("o orçamento das saídas fecha", "budget of cash out adds up", BALANCED),
        Name::BalancedRealizado => ("o realizado das saídas fecha", "paid cash out adds up", BALANCED),
        Name::PlausibleTarget => ("sem queda brusca", "no sudden fall", "nenhuma queda de mais da metade desde o último commit, acima de 10 registros ou R$ 10"),
        Name::PlausibleGrowth => ("sem aumento brusco", "no sudden growth", "os contratos do último commit no máximo dobraram, acima de 100 parcelas ou R$ 100.000"),
        Name::PlausibleContrato => ("nenhum contrato esvaziado", "no contrato emptied", "nenhum contrato sem parcelas que tinha mais de 10, exceto distratado ou quitado"),
        Name::PlausibleWindow => ("sem queda brusca das contas a pagar", "no sudden fall of payables", "nenhuma queda de mais da metade em relação ao que a tabela contém no período"),
        Name::PlausibleCatalogue => ("cadastro sem perdas", "catalogue without losses", "no máximo dois, ou 10 %, dos empreendimentos com contratos fora da lista"),
        Name::ControlTotal => ("em aberto como no ERP", "open as in the ERP", "o que o ERP dá como em aberto é igual ao que está em aberto entre as faturas lidas"),
        Name::NewerStays => ("o mais novo permanece", "newer stays", "nenhum mês ou dia que uma visão posterior gravou"),
    };
    (text(portuguese, english), expected)
}

/// The check that a text begins with the name of, and what follows it after a hyphen.
pub(super) fn known_prefix(text: &str) -> Option<(CheckName, &str)> {
    CheckName::ALL.iter().find_map(|check| {
        let rest = text.strip_prefix(check.name())?;
        let subject = if rest.is_empty() {
            rest
        } else {
            rest.strip_prefix('-')?
        };
        Some((*check, subject))
    })
}

const fn verdict_name(verdict: CheckVerdict) -> Text {
    match verdict {
        CheckVerdict::Passed => text("aprovada", "passed"),
        CheckVerdict::Noted => text("a observar", "noted"),
        CheckVerdict::Accepted => text("aceita", "accepted"),
        CheckVerdict::Failed => text("reprovada", "failed"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_checks_are_called_the_same() {
        for language in [Language::Portuguese, Language::English] {
            let checks = CheckName::ALL.iter();
            let called = checks.map(|check| meaning(*check).0.of(language));
            assert_eq!(called.collect::<HashSet<_>>().len(), CheckName::ALL.len());
        }
    }

    #[test]
    fn what_another_version_checked_stays_as_it_is() {
        let mut record = CheckRecord {
            target: "1406".to_owned(),
            name: "newer-stays".to_owned(),
            severity: "noted".to_owned(),
            verdict: "noted".to_owned(),
            expected: "what it expected then".to_owned(),
            observed: "3 months".to_owned(),
            subjects: Vec::new(),
            samples: Vec::new(),
        };
        let told = Language::Portuguese.check(&record);
        assert_eq!(told.called, "o mais novo permanece");
        assert_eq!(told.verdict, "a observar");
        assert_eq!(
            told.expected,
            "nenhum mês ou dia que uma visão posterior gravou"
        );
        let told = Language::English.check(&record);
        assert_eq!(told.expected, "what it expected then");

        (record.name, record.verdict) = ("of-next-year".to_owned(), "doubted".to_owned());
        record.target = "catalogue".to_owned();
        let told = Language::Portuguese.check(&record);
        assert_eq!((told.called, told.verdict), ("of-next-year", "doubted"));
        assert_eq!(
            (told.expected, told.target),
            ("what it expected then", None)
        );
    }
}
