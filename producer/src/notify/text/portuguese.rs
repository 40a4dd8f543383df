//! The words in Portuguese.

use domain::failure::FailureClass;

use super::step::Step;
use crate::notify::event::{Event, Facts, MissedSchedule};
use crate::notify::language::Language;
use crate::text::{list, printable};

/// A line, and what there is to say.
pub fn told(facts: &Facts) -> (String, String) {
    let time = |at| Language::Portuguese.time(at);
    match facts {
        Facts::RunFailed {
            run,
            total,
            failed,
            finished_at,
            ..
        } => (
            format!("execução {run} terminou com {}", jobs(*failed, "com falha")),
            format!(
                "A execução {run} terminou em {}. Falharam {failed} de {total} jobs. Os alvos que falharam \
                 mantêm os valores anteriores, inteiros. Motivos:",
                time(*finished_at)
            ),
        ),
        Facts::SignInRefused { at, why } => (
            "o ERP recusou o login".to_owned(),
            format!(
                "O ERP recusou usuário ou senha em {} ({}). Nenhum login é tentado até que alguém aja, porque \
                 tentativas repetidas bloqueiam a conta. Os jobs esperam. Corrija MEGA_API_* antes.",
                time(*at),
                printable(why)
            ),
        ),
        Facts::ErpAway { since, jobs: count } => (
            format!("o ERP não responde desde {}", time(*since)),
            format!(
                "A maioria das chamadas ao ERP falha desde {}. Esperam {}. O trabalho continua sozinho quando \
                 o ERP responder.",
                time(*since),
                jobs(*count, "")
            ),
        ),
        Facts::Implausible { run, .. } => (
            format!("respostas improváveis do ERP na execução {run}"),
            format!(
                "A execução {run} recebeu respostas legíveis e improváveis. As tabelas ficam como estavam até \
                 que alguém decida. Verificações reprovadas:"
            ),
        ),
        Facts::Stale {
            last: Some(at),
            max_age,
        } => (
            format!("nenhuma execução completa desde {}", time(*at)),
            format!(
                "A última execução completa terminou em {}, há mais de {max_age}.",
                time(*at)
            ),
        ),
        Facts::Stale {
            last: None,
            max_age,
        } => (
            "nenhuma execução completa".to_owned(),
            format!("Nenhuma execução ficou completa, e a primeira começou há mais de {max_age}."),
        ),
        Facts::ScheduleMissed { missed } => (
            format!("horários perdidos: {}", names(missed)),
            format!(
                "Nenhum processo que segue a agenda estava no ar nestes horários, e nenhuma execução começou \
                 desde então:{}",
                lines(missed)
            ),
        ),
        Facts::PlanRefused { run, why, .. } => (
            format!("a execução {run} não pode ser planejada"),
            format!(
                "Um agendamento começou a execução {run}, e o plano dela foi recusado: {}. Nenhum job dela \
                 começa. Corrija a causa antes.",
                printable(why)
            ),
        ),
        Facts::Recovered { from, .. } => (
            format!("resolvido: {}", called(*from)),
            format!("{} O aviso anterior está encerrado.", over(*from)),
        ),
        Facts::Test => (
            "mensagem de teste".to_owned(),
            "Esta é uma mensagem de teste. Os avisos chegam por aqui.".to_owned(),
        ),
    }
}

/// What a command does about it.
pub const fn does(step: Step) -> &'static str {
    match step {
        Step::Status => "Mostrar a situação",
        Step::Failed => "Mostrar cada motivo",
        Step::Requeue => "Enfileirar os jobs de novo, corrigido o motivo",
        Step::RequeueCause => "Só os do motivo mais frequente",
        Step::Accept => "Aceitar a mudança, se o ERP estiver certo",
        Step::LiftRefusal => "Permitir logins de novo",
        Step::Doctor => "Ver o que não responde",
        Step::History => "Mostrar o que houve com os horários",
        Step::RunNow => "Iniciar uma execução agora",
    }
}

/// What a class of failures is called.
pub const fn class(class: FailureClass) -> &'static str {
    match class {
        FailureClass::Transient => "falha passageira",
        FailureClass::Throttled => "o ERP pede menos chamadas",
        FailureClass::ErpAway => "o ERP não responde",
        FailureClass::SignIn => "login recusado",
        FailureClass::Data => "dados do ERP",
        FailureClass::Implausible => "resposta improvável",
        FailureClass::Poison => "mensagem inválida",
        FailureClass::Bug => "erro do programa",
    }
}

fn called(event: Event) -> &'static str {
    match event {
        Event::RunFailed => "execução com falhas",
        Event::SignInRefused => "login recusado pelo ERP",
        Event::ErpAway => "ERP fora do ar",
        Event::Implausible => "respostas improváveis do ERP",
        Event::Stale => "falta de execução completa",
        Event::ScheduleMissed => "horários perdidos de um agendamento",
        Event::PlanRefused => "plano recusado",
        Event::Recovered | Event::Test => "aviso",
    }
}

fn over(event: Event) -> &'static str {
    match event {
        Event::RunFailed | Event::Implausible => {
            "A execução mais nova está completa, e nenhum alvo está com falha."
        }
        Event::SignInRefused => "Os logins no ERP são permitidos de novo.",
        Event::ErpAway => "O ERP responde, e os jobs que esperavam por ele terminaram.",
        Event::Stale => "Uma execução ficou completa.",
        Event::ScheduleMissed => {
            "Cada agendamento que perdeu horários começou uma execução depois, ou foi removido."
        }
        Event::PlanRefused => "Uma execução posterior foi planejada.",
        Event::Recovered | Event::Test => "",
    }
}

/// `1 job com falha`, `2 jobs com falha`.
fn jobs(count: u64, what: &str) -> String {
    let noun = if count == 1 { "job" } else { "jobs" };
    format!("{count} {noun} {what}").trim_end().to_owned()
}

fn names(missed: &[MissedSchedule]) -> String {
    list(missed.iter().map(|missed| &missed.schedule))
}

/// The missed times of each schedule, each on a line of its own.
fn lines(missed: &[MissedSchedule]) -> String {
    let line = |missed: &MissedSchedule| {
        format!(
            "\n  {}: {}, o último em {} ({})",
            missed.schedule,
            times(missed.times),
            Language::Portuguese.time(missed.last),
            printable(&missed.why)
        )
    };
    missed.iter().map(line).collect()
}

/// `1 horário`, `2 horários`.
fn times(count: u64) -> String {
    let noun = if count == 1 { "horário" } else { "horários" };
    format!("{count} {noun}")
}
