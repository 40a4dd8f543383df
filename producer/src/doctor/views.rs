//! The views for readers of the replaced system. No I/O.

use store::{InstalledViews, StoreError, Views};

use super::check::Check;
use crate::program::Program;
use crate::text::local;

const VIEWS: &str = "views";

/// A check for each schema that has views.
pub(super) fn views(
    installed: Result<Vec<InstalledViews>, StoreError>,
    program: Program,
) -> Vec<Check> {
    match installed {
        Ok(installed) => installed.iter().map(|views| one(views, program)).collect(),
        Err(error) => vec![Check::failed(
            VIEWS,
            error,
            "see the checks of the database",
        )],
    }
}

fn one(views: &InstalledViews, program: Program) -> Check {
    let ids = match views.frozen_at {
        Some(at) => format!("ids frozen {}", local(at)),
        None => "ids not frozen".to_owned(),
    };
    let Views {
        legacy,
        into,
        floor_month,
        ..
    } = &views.views;
    let found = format!("in {into}, installed {}, {ids}", local(views.at));
    let floor = floor_month.map(|month| format!(" --floor-month {month}"));
    let floor = floor.unwrap_or_default();
    match views.outdated {
        false => Check::ok(VIEWS, found),
        true => Check::warning(
            VIEWS,
            format!("{found}: this build has them with another text"),
            format!(
                "install them again with the --grant of before, which keeps the ids: {} views install \
                 --for starke --legacy-schema {legacy} --into {into}{floor}",
                program.name()
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::check::Outcome;
    use crate::fixtures::at;

    #[test]
    fn views_of_another_build_are_a_warning() {
        for (outdated, outcome) in [(false, Outcome::Ok), (true, Outcome::Warning)] {
            let installed = InstalledViews {
                views: Views {
                    legacy: "antigo".parse().unwrap(),
                    into: "compat".parse().unwrap(),
                    grant: None,
                    floor_month: None,
                },
                at: at("08:00:00"),
                outdated,
                frozen_at: None,
            };
            let checks = views(Ok(vec![installed]), Program::Producer);
            assert_eq!(checks.len(), 1);
            assert_eq!(checks[0].outcome, outcome);
            assert!(checks[0].found.contains("in compat"), "{}", checks[0].found);
        }
        assert_eq!(views(Ok(vec![]), Program::Producer), []);
    }
}
