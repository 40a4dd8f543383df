//! Figures as files, from the page.

use reqwest::{Method, StatusCode};
use tests::{Fleet, GOLDEN, Web};

use crate::GOLDEN_BACKFILL;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_on_the_screen_is_a_file() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let web = Web::of(&fleet).await?;
    let worker = fleet.worker(&[])?;
    fleet.producer_exits(0, &GOLDEN_BACKFILL).await?;
    fleet.retire(worker).await?;

    let (_, text) = web.get("/figures?measure=overdue&until=2026-11").await?;
    let asked = "/export?format=csv&amp;table=delinquency&#38;months=2025-12..2026-11";
    assert!(text.contains(asked), "{asked}: {text}");
    let rows = "SELECT COUNT(*) FROM delinquency WHERE ref_month BETWEEN '2025-12' AND '2026-11'";
    let rows: i64 = sqlx::query_scalar(rows).fetch_one(&fleet.pool).await?;
    let asked = "/export?format=csv&table=delinquency&months=2025-12..2026-11";
    let answer = web.request(Method::GET, asked).send().await?;
    assert_eq!(answer.status(), StatusCode::OK);
    let headers = answer.headers();
    assert_eq!(headers["content-type"], "text/csv; charset=utf-8");
    let name = "attachment; filename=\"delinquency-2025-12..2026-11.csv\"";
    assert_eq!(headers["content-disposition"], name);
    assert_eq!(headers["cache-control"], "no-store");
    let text = answer.text().await?;
    assert_eq!(i64::try_from(text.lines().count())?, rows + 1, "{text}");

    let asked = "/export?format=xlsx&months=2026-09&as_of=2099-12-31";
    let answer = web.request(Method::GET, asked).send().await?;
    assert_eq!(answer.status(), StatusCode::OK);
    let bytes = answer.bytes().await?;
    assert!(bytes.starts_with(b"PK"), "a workbook is a zip file");
    for wrong in [
        "format=csv",
        "format=ods",
        "format=xlsx&months=2026-13",
        "format=xlsx&as_of=yesterday",
        "format=xlsx&as_of=2026-11-01&closed=on",
        "format=csv&table=../etc",
    ] {
        let (status, text) = web.get(&format!("/export?{wrong}")).await?;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert!(text.contains("Um campo não está certo."), "{text}");
    }
    web.stop().await?;
    fleet.remove().await
}
