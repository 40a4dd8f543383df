//! The pause of the fleet. No I/O.

use domain::ledger::Pause;
use store::StoreError;

use super::check::Check;
use crate::program::Program;

const PAUSE: &str = "pause";

/// Nothing to tell where the fleet is not paused.
pub(super) fn pause(found: Result<Option<Pause>, StoreError>, program: Program) -> Option<Check> {
    match found {
        Ok(None) => None,
        Ok(Some(pause)) => {
            let found = format!("no new job is taken: paused {pause}");
            let advice = format!("once the reason is over: {} unpause", program.name());
            Some(Check::warning(PAUSE, found, advice))
        }
        Err(error) => Some(Check::failed(
            PAUSE,
            error,
            "see the checks of the database",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::report::Report;
    use crate::doctor::text::text;
    use crate::exit::Exit;

    #[test]
    fn a_pause_is_a_warning_and_none_is_not_told() {
        assert_eq!(pause(Ok(None), Program::Producer), None);
        let paused = crate::fixtures::pause();
        let told = pause(Ok(Some(paused.clone())), Program::MegaSync).unwrap();
        let report = Report::new(vec![told]);
        assert_eq!(report.exit(), Exit::Done);
        let text = text(&report);
        let line = format!("warning  pause  no new job is taken: paused {paused}\n");
        assert!(text.starts_with(&line), "{text}");
        assert!(text.contains("mega-sync unpause"), "{text}");

        let away = StoreError::Away("gone".to_owned());
        let told = pause(Err(away), Program::Producer).unwrap();
        assert_eq!(Report::new(vec![told]).exit(), Exit::Away);
    }
}
