//! Why a time of a schedule began no run: the first word of the reason is its kind.

use super::{Text, text};

/// What a reason means; none where another version wrote it.
pub fn skip(why: &str) -> Option<Text> {
    let (kind, _) = why.split_once(':')?;
    Some(match kind {
        "missed" => text(
            "nenhum processo olhava a agenda naquela hora",
            "no process followed the schedules at that time",
        ),
        "paused" => text("em pausa", "paused"),
        "overlap" => text(
            "a execução anterior ainda estava em aberto",
            "the run before was still open",
        ),
        "refused" => text(
            "os argumentos não pedem nada possível",
            "the arguments ask for nothing possible",
        ),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[test]
    fn a_reason_of_another_version_has_no_meaning_here() {
        let meant = |why| skip(why).map(|kind| kind.of(Language::Portuguese));
        assert_eq!(
            meant("paused: the fleet, by ana@office: x"),
            Some("em pausa")
        );
        assert_eq!(meant("eclipse: of the sun"), None);
        assert_eq!(meant("paused"), None);
    }
}
