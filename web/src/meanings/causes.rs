//! A headline for each cause of failure, by its fingerprint: the class, a slash, stable words.

use domain::failure::FailureClass;

use super::checks::{known_prefix, meaning};
use super::{Text, text};
use crate::language::Language;
use crate::words::Words;

impl Language {
    /// What failed, in a few words; where another version wrote the fingerprint, what its class is called.
    pub fn headline(self, class: &FailureClass, fingerprint: &str) -> String {
        let what = fingerprint.split_once('/');
        let told = what.and_then(|(_, what)| of_words(*class, what, self));
        told.unwrap_or_else(|| class_words(class, self.words()).0.to_owned())
    }
}

fn of_words(class: FailureClass, what: &str, language: Language) -> Option<String> {
    if let Some((check, subject)) = known_prefix(what) {
        let failed = text("Verificação reprovada", "Check failed").of(language);
        let name = meaning(check).0.of(language);
        return Some(with_detail(&format!("{failed}: {name}"), subject));
    }
    let (first, rest) = what.split_once('-').unwrap_or((what, ""));
    if first.parse::<u16>().is_ok() {
        return Some(with_detail(&answered(class, first, language), rest));
    }
    if let Some(alone) = alone(what) {
        return Some(alone.of(language).to_owned());
    }
    let (kind, route) = what.rsplit_once('-')?;
    Some(with_detail(of_route(kind)?.of(language), route))
}

/// What a class of failures is called, and what to do about it.
pub const fn class_words(
    class: &FailureClass,
    words: &'static Words,
) -> (&'static str, &'static str) {
    match *class {
        FailureClass::Transient => (words.transient, words.do_transient),
        FailureClass::Throttled => (words.throttled, words.do_throttled),
        FailureClass::ErpAway => (words.erp_away, words.do_erp_away),
        FailureClass::SignIn => (words.class_sign_in, words.do_sign_in),
        FailureClass::Data => (words.data, words.do_data),
        FailureClass::Implausible => (words.implausible, words.do_implausible),
        FailureClass::Poison => (words.poison, words.do_poison),
        FailureClass::Bug => (words.bug, words.do_bug),
    }
}

fn with_detail(what: &str, detail: &str) -> String {
    match detail {
        "" => what.to_owned(),
        detail => format!("{what} ({detail})"),
    }
}

/// An answer of the ERP with a status that is no success.
fn answered(class: FailureClass, status: &str, language: Language) -> String {
    let what = match class {
        FailureClass::Throttled => {
            text("O ERP pede menos chamadas", "The ERP asks for fewer calls")
        }
        FailureClass::Data => text("O ERP recusa este item", "The ERP refuses this item"),
        _ if status == "401" => text(
            "O ERP recusou uma sessão nova",
            "The ERP refused a fresh session",
        ),
        _ => text("O ERP respondeu com erro", "The ERP answered with an error"),
    };
    let answer = text("resposta", "answer").of(language);
    format!("{}: {answer} {status}", what.of(language))
}

/// Causes of calls to the ERP, whose fingerprints end with the route.
fn of_route(kind: &str) -> Option<Text> {
    Some(match kind {
        "timeout" => text(
            "O ERP não respondeu a tempo",
            "The ERP did not answer in time",
        ),
        "truncated" => text(
            "A resposta do ERP veio incompleta",
            "The ERP's answer broke off",
        ),
        "not-json" => text(
            "A resposta do ERP não é JSON",
            "The ERP's answer is not JSON",
        ),
        "shape" => text(
            "A resposta do ERP tem outro formato",
            "The ERP's answer has another shape",
        ),
        "too-large" => text(
            "A resposta do ERP é grande demais",
            "The ERP's answer is too large",
        ),
        _ => return None,
    })
}

/// All other causes.
#[rustfmt::skip]
fn alone(what: &str) -> Option<Text> {
    Some(match what {
        "no-connection" => text("Sem conexão com o ERP", "No connection to the ERP"),
        "most-calls-fail" => text("A maioria das chamadas ao ERP falha", "Most calls to the ERP fail"),
        "refused" => text("O ERP recusou o login", "The ERP refused the sign-in"),
        "database-away" => text("O banco de dados não respondeu", "The database did not answer"),
        "database-contention" => text("O banco de dados pediu outra tentativa", "The database asked to try again"),
        "database-refused" => text("O banco de dados recusou um comando", "The database refused a statement"),
        "database-url" => text("DATABASE_URL não pode ser usada", "DATABASE_URL is not usable"),
        "database-schema" => text("O esquema do banco de dados não pode ser usado", "The schema of the database is not usable"),
        "database-unsuitable" => text("O banco de dados não serve para isto", "The database is not suitable for this"),
        "deadline" => text("A tentativa passou do prazo", "The attempt took too long"),
        "cannot-fit-deadline" => text("O empreendimento não cabe no prazo de uma tentativa", "The empreendimento does not fit the deadline of an attempt"),
        "worker-crashes" => text("O worker caiu várias vezes neste job", "The worker died several times at this job"),
        "panic" => text("O programa parou neste job", "The program stopped at this job"),
        "target-held" => text("Outra execução trabalha no mesmo alvo", "Another run works on the same target"),
        "too-early" => text("A hora da próxima tentativa não chegou", "It is too early for the next attempt"),
        "no-turn" => text("Espera um worker só para si", "It waits for a worker of its own"),
        "worker-unheard-of" => text("Espera um sinal de vida do worker anterior", "It waits for a sign of life of its earlier worker"),
        "fenced-out" => text("Uma tentativa mais nova tem este job", "A newer attempt has this job"),
        "unreadable" => text("A mensagem não pode ser lida", "The message cannot be read"),
        "newer-version" => text("A mensagem é de uma versão mais nova", "The message is of a newer version"),
        "impossible" => text("A mensagem tem datas impossíveis", "The message has impossible dates"),
        "unknown-job" => text("O registro das execuções não conhece este job", "The ledger does not know this job"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use FailureClass::{Data, Implausible, Throttled, Transient};
    use Language::{English, Portuguese};

    use super::*;

    #[test]
    fn a_fingerprint_says_what_failed() {
        for (class, what, portuguese, english) in [
            (
                Data,
                "readable-parcelas-vlr_pago",
                "Verificação reprovada: parcelas legíveis (vlr_pago)",
                "Check failed: readable parcelas (vlr_pago)",
            ),
            (
                Implausible,
                "plausible-contrato",
                "Verificação reprovada: nenhum contrato esvaziado",
                "Check failed: no contrato emptied",
            ),
            (
                Data,
                "404-DadosParcelas",
                "O ERP recusa este item: resposta 404 (DadosParcelas)",
                "The ERP refuses this item: answer 404 (DadosParcelas)",
            ),
            (
                Throttled,
                "429",
                "O ERP pede menos chamadas: resposta 429",
                "The ERP asks for fewer calls: answer 429",
            ),
            (
                Transient,
                "401-FaturaPagar",
                "O ERP recusou uma sessão nova: resposta 401 (FaturaPagar)",
                "The ERP refused a fresh session: answer 401 (FaturaPagar)",
            ),
            (
                Transient,
                "not-json-DadosContrato",
                "A resposta do ERP não é JSON (DadosContrato)",
                "The ERP's answer is not JSON (DadosContrato)",
            ),
            (
                Transient,
                "no-connection",
                "Sem conexão com o ERP",
                "No connection to the ERP",
            ),
        ] {
            let fingerprint = format!("{class}/{what}");
            assert_eq!(Portuguese.headline(&class, &fingerprint), portuguese);
            assert_eq!(English.headline(&class, &fingerprint), english);
        }
        for unknown in [
            "",
            "unknown",
            "data/",
            "data/of-next-year",
            "data/-",
            "data/shape",
        ] {
            assert_eq!(
                Portuguese.headline(&Data, unknown),
                "dados do ERP",
                "{unknown}"
            );
        }
    }
}
