//! Why a contrato adds another amount than before.

use producer::report::Movement;

use super::{Text, text};

/// Why a contrato moved a figure.
pub const fn movement(why: Movement) -> Text {
    match why {
        Movement::New => text("contrato novo", "new"),
        Movement::Gone => text("deixou de ser listado", "gone"),
        Movement::Paid => text("pago", "paid"),
        Movement::PaymentChanged => text("pagamento alterado", "payment changed"),
        Movement::Renegotiated => text("renegociado", "renegotiated"),
        Movement::DueDateMoved => text("vencimento mudou", "due date moved"),
        Movement::GrewOlder => text("atraso maior", "grew older"),
        Movement::Revalued => text("valor presente reavaliado", "revalued"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[test]
    fn english_is_the_commands_own() {
        for why in [
            Movement::New,
            Movement::Gone,
            Movement::Paid,
            Movement::PaymentChanged,
            Movement::Renegotiated,
            Movement::DueDateMoved,
            Movement::GrewOlder,
            Movement::Revalued,
        ] {
            assert_eq!(movement(why).of(Language::English), why.to_string());
        }
    }
}
