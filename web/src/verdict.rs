//! The state of a run: its sign, its word and its sentence.

use domain::ledger::JobState;
use producer::report::{Summary, Verdict};

use crate::language::Language;
use crate::words::Words;

/// How a run's state is shown: by a sign and a word as well as a colour.
pub struct Mark {
    /// The class of the style.
    pub class: &'static str,
    /// The sign.
    pub sign: &'static str,
    verdict: Verdict,
}

impl Mark {
    /// The mark of a state.
    pub const fn of(verdict: Verdict) -> Self {
        let (class, sign) = match verdict {
            Verdict::Complete => ("good", "✓"),
            Verdict::Failed | Verdict::SignInRefused | Verdict::Refused => ("bad", "✗"),
            Verdict::Cancelled => ("wait", "■"),
            Verdict::NotPublished | Verdict::Queued => ("wait", "!"),
            Verdict::Running => ("going", "▶"),
            Verdict::Waiting | Verdict::Planning => ("wait", "…"),
        };
        Self {
            class,
            sign,
            verdict,
        }
    }

    /// The word.
    pub const fn word(&self, words: &'static Words) -> &'static str {
        match self.verdict {
            Verdict::Complete => words.complete,
            Verdict::Failed => words.failed,
            Verdict::Cancelled => words.cancelled,
            Verdict::SignInRefused => words.refused,
            Verdict::NotPublished => words.not_published,
            Verdict::Running => words.running,
            Verdict::Queued => words.queued,
            Verdict::Waiting => words.waiting,
            Verdict::Planning => words.planning,
            Verdict::Refused => words.plan_refused,
        }
    }
}

/// The state of a run in a sentence.
pub fn sentence(language: Language, summary: &Summary) -> String {
    match language {
        Language::Portuguese => portuguese(summary),
        Language::English => english(summary),
    }
}

fn portuguese(summary: &Summary) -> String {
    let (done, total) = (summary.done, summary.total);
    let failed = summary.count(JobState::Failed);
    let cancelled = summary.count(JobState::Cancelled);
    match summary.verdict {
        Verdict::Complete => format!("A execução está completa: {done} de {total} jobs feitos."),
        Verdict::Failed => {
            format!("A execução terminou com falhas: {failed} de {total} jobs falharam.")
        }
        Verdict::Cancelled => format!(
            "A execução foi cancelada: {cancelled} de {total} jobs cancelados, {done} feitos."
        ),
        Verdict::SignInRefused => {
            format!("A execução parou: o ERP recusou o login. {done} de {total} jobs feitos.")
        }
        Verdict::NotPublished => format!(
            "A execução não está toda publicada: {} mensagens sem confirmação.",
            summary.unpublished
        ),
        Verdict::Running => {
            format!("A execução está em andamento: {done} de {total} jobs feitos.")
        }
        Verdict::Queued => {
            format!("A execução está na fila, sem worker: {done} de {total} jobs feitos.")
        }
        Verdict::Waiting => {
            format!("A execução aguarda a próxima tentativa: {done} de {total} jobs feitos.")
        }
        Verdict::Planning => "A execução está sendo planejada.".to_owned(),
        Verdict::Refused => "O plano da execução foi recusado.".to_owned(),
    }
}

fn english(summary: &Summary) -> String {
    let (done, total) = (summary.done, summary.total);
    let failed = summary.count(JobState::Failed);
    let cancelled = summary.count(JobState::Cancelled);
    match summary.verdict {
        Verdict::Complete => format!("The run is complete: {done} of {total} jobs are done."),
        Verdict::Failed => {
            format!("The run finished with failures: {failed} of {total} jobs failed.")
        }
        Verdict::Cancelled => format!(
            "The run was cancelled: {cancelled} of {total} jobs are cancelled, {done} are done."
        ),
        Verdict::SignInRefused => format!(
            "The run stopped: the ERP refused the sign-in. {done} of {total} jobs are done."
        ),
        Verdict::NotPublished => format!(
            "The run is not fully published: {} messages are not confirmed.",
            summary.unpublished
        ),
        Verdict::Running => format!("The run is running: {done} of {total} jobs are done."),
        Verdict::Queued => {
            format!("The run is queued and no worker has it: {done} of {total} jobs are done.")
        }
        Verdict::Waiting => {
            format!("The run waits for its next try: {done} of {total} jobs are done.")
        }
        Verdict::Planning => "The run is being planned.".to_owned(),
        Verdict::Refused => "The plan of the run was refused.".to_owned(),
    }
}
