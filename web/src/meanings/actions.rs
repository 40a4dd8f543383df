//! What people did, after who did it.

use domain::ledger::Action;

use super::{Text, text};

/// What somebody did.
pub const fn deed(what: Action) -> Text {
    match what {
        Action::Resume => text("publicou o que faltava", "published what was missing"),
        Action::Cancel => text("cancelou o que estava em aberto", "cancelled what was open"),
        Action::SigninRetry => text("liberou o login", "let the fleet sign in again"),
        Action::Prune => text("removeu o que é antigo", "removed what is old"),
        Action::Pause => text("pausou a frota", "paused the fleet"),
        Action::Unpause => text("encerrou a pausa da frota", "ended the pause of the fleet"),
        Action::ScheduleAdd => text("adicionou o agendamento", "added the schedule"),
        Action::ScheduleRemove => text("removeu o agendamento", "removed the schedule"),
        Action::SchedulePause => text("pausou o agendamento", "paused the schedule"),
        Action::ScheduleResume => text("retomou o agendamento", "resumed the schedule"),
        Action::ScheduleRunNow => text("iniciou pela agenda", "began it from its schedule"),
    }
}
