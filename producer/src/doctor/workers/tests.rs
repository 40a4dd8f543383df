use super::*;
use crate::doctor::report::Report;
use crate::doctor::text::text;
use crate::fixtures::{at, worker};

#[test]
fn who_is_alive() {
    let now = at("08:30:00");
    let depths = |ready| {
        Some(Depths {
            ready,
            ..Depths::default()
        })
    };
    let two = || vec![worker("host-1-abcd", &[7, 8]), worker("host-2-efgh", &[])];
    let away = StoreError::Away("gone".to_owned());
    let report = Report::new(vec![
        alive(Ok(two()), depths(5), now),
        alive(Ok(vec![]), depths(0), now),
        alive(Ok(vec![]), depths(1), now),
        alive(Ok(vec![]), depths(12), now),
        alive(Ok(vec![]), None, now),
        alive(Err(away), None, now),
        in_process(),
        unknown(),
    ]);
    insta::assert_snapshot!(text(&report));
}
