//! What notifications are about.

use super::{Text, text};

/// What an event is called; none where another version wrote it.
pub fn event(name: &str) -> Option<Text> {
    Some(match name {
        "run-failed" => text("execução com falhas", "run with failures"),
        "sign-in-refused" => text("login recusado", "sign-in refused"),
        "erp-away" => text("ERP fora do ar", "ERP away"),
        "implausible" => text(
            "respostas implausíveis aguardam uma pessoa",
            "implausible answers wait for a person",
        ),
        "stale" => text(
            "nenhuma execução completa há muito tempo",
            "no run completed for long",
        ),
        "schedule-missed" => text("horários perdidos", "missed times"),
        "plan-refused" => text("plano recusado", "plan refused"),
        "recovered" => text("voltou ao normal", "recovered"),
        "test" => text("teste", "test"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use producer::notify::Event;
    use strum::VariantArray as _;

    use super::*;

    #[test]
    fn every_event_has_a_name() {
        for one in Event::VARIANTS {
            assert!(event(&one.to_string()).is_some(), "{one}");
        }
        assert_eq!(event("eclipse"), None);
    }
}
