//! Runs over overlapping windows and views, over both databases.

use tests::{Site, difference, expected};

use crate::on_both::on_both;

on_both! {
    an_older_view_that_commits_late_overwrites_nothing,
    what_is_skipped_as_recent_was_committed_for_the_same_months,
}

async fn an_older_view_that_commits_late_overwrites_nothing(site: &Site) -> anyhow::Result<()> {
    site.backfill(
        0,
        "--start-date 2026-01-01 --end-date 2026-11-22 --as-of 2026-11-23",
    )
    .await?;
    let older = "--start-date 2026-01-01 --end-date 2026-11-02 --as-of 2026-11-03";
    site.backfill(0, older).await?;
    assert_eq!(difference(&expected(), &site.tables().await?), [""; 0]);
    let told = site.told(0).await?;
    assert_eq!(told.len(), 9, "{told:?}");
    assert!(
        told.iter()
            .all(|check| check.ends_with(" newer-stays noted")),
        "{told:?}"
    );
    let view = "SELECT COUNT(*) FROM sync_coverage WHERE as_of <> '2026-11-23'";
    assert_eq!(site.number(view).await?, 0);

    // Unless a person says that the later view was the mistake.
    site.backfill(0, &format!("{older} --replace-newer"))
        .await?;
    let replaced = difference(&expected(), &site.tables().await?);
    assert!(
        replaced
            .iter()
            .any(|row| row.contains("delinquency") && row.contains("|2026-11")),
        "{replaced:?}"
    );
    let page = site.exits(0, &["status"]).await?;
    assert!(
        page.contains("what later views have written, as "),
        "{page}"
    );
    let audit = "SELECT COUNT(*) FROM sync_runs WHERE replace_newer AND requested_by LIKE '%@%'";
    assert_eq!(site.number(audit).await?, 1);

    site.backfill(
        0,
        "--start-date 2026-01-01 --end-date 2026-11-22 --as-of 2026-11-23",
    )
    .await?;
    assert_eq!(difference(&expected(), &site.tables().await?), [""; 0]);
    Ok(())
}

async fn what_is_skipped_as_recent_was_committed_for_the_same_months(
    site: &Site,
) -> anyhow::Result<()> {
    site.backfill(
        0,
        "--start-date 2026-05-01 --end-date 2026-06-30 --as-of 2026-11-23",
    )
    .await?;
    // The same hours, but other months: nothing of it may be skipped.
    let all = "--start-date 2026-01-01 --end-date 2026-11-22 --as-of 2026-11-23";
    let recent = |window: &str| format!("{window} --skip-recent-hours 24");
    site.backfill(0, &recent(all)).await?;
    assert_eq!(difference(&expected(), &site.tables().await?), [""; 0]);
    assert_eq!(site.status(0).await?["total"], 9);
    // Now every month is; the cash out is never left out.
    site.backfill(0, &recent(all)).await?;
    assert_eq!(site.status(0).await?["total"], 1);
    // But not as of a day that is more than a day later.
    site.backfill(
        0,
        &recent("--start-date 2026-05-01 --end-date 2026-06-30 --as-of 2026-11-25"),
    )
    .await?;
    assert_eq!(site.status(0).await?["total"], 9);
    Ok(())
}
