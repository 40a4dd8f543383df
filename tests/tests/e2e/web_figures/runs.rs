//! The list of runs, page by page.

use reqwest::StatusCode;
use simulator::Config;
use tests::{Fleet, GOLDEN, Web};

use super::reading::is_portuguese;
use crate::GOLDEN_ENQUEUE;

/// The runs of a page of runs, in its order, and the link to older ones.
fn runs_of(text: &str) -> (Vec<String>, Option<String>) {
    let table = text.split_once("<tbody>").map_or("", |(_, rows)| rows);
    let links = table.split("<th scope=\"row\"><a href=\"/runs/").skip(1);
    let runs = links.filter_map(|link| Some(link.split('"').next()?.to_owned()));
    // After the table: the header has the same page in the other language.
    let older = table
        .split_once("&amp;before=")
        .and_then(|(before, after)| {
            let path = before.rsplit_once("href=\"")?.1;
            Some(format!("{path}&before={}", after.split('"').next()?))
        });
    (runs.collect(), older)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_year_of_nights_can_be_reached() -> anyhow::Result<()> {
    let fleet = Fleet::new(Config::folder(GOLDEN)).await?;
    let web = Web::of(&fleet).await?;
    fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
    // The nights before it, two of them at the same moment; of every seventh one job failed, and of
    // every fiftieth one is still open.
    let nights = "
        INSERT INTO sync_runs (id, start_date, end_date, as_of, created_at)
        SELECT 'night-' || lpad(n::text, 3, '0'), r.start_date, r.end_date, r.as_of,
               r.created_at - make_interval(days => n - n / 365)
        FROM sync_runs r, generate_series(1, 365) AS n;
        INSERT INTO sync_jobs (run_id, target, seq, nome, state, finished_at)
        SELECT r.id, j.target, j.seq, j.nome,
               CASE WHEN j.seq = 1 AND right(r.id, 3)::int % 50 = 0 THEN 'running'
                    WHEN j.seq = 2 AND right(r.id, 3)::int % 7 = 0 THEN 'failed'
                    ELSE 'done' END, r.created_at
        FROM sync_jobs j, sync_runs r WHERE r.id LIKE 'night-%'";
    sqlx::raw_sql(nights).execute(&fleet.pool).await?;
    let open = "state NOT IN ('done', 'superseded', 'failed', 'cancelled')";
    for (filter, condition) in [
        ("all", "true".to_owned()),
        ("open", format!("bool_or({open})")),
        ("failed", "bool_or(state = 'failed')".to_owned()),
        (
            "complete",
            "bool_and(state IN ('done', 'superseded'))".to_owned(),
        ),
    ] {
        let query = format!(
            "SELECT r.id FROM sync_runs r JOIN sync_jobs j ON j.run_id = r.id
             GROUP BY r.id HAVING {condition} ORDER BY r.created_at DESC, r.id DESC"
        );
        let query = sqlx::query_scalar(sqlx::AssertSqlSafe(query));
        let expected: Vec<String> = query.fetch_all(&fleet.pool).await?;
        assert!(!expected.is_empty(), "{filter}");
        let (mut found, mut next) = (Vec::new(), Some(format!("/runs?state={filter}")));
        while let Some(path) = next {
            let (status, text) = web.get(&path).await?;
            assert_eq!(status, StatusCode::OK);
            let option = format!("<option value=\"{filter}\" selected>");
            assert!(text.contains(&option), "{option}: {text}");
            is_portuguese(&text)?;
            let (runs, older) = runs_of(&text);
            assert!(!runs.is_empty() && runs.len() <= 60, "{path}");
            found.extend(runs);
            assert!(found.len() <= expected.len(), "{path}");
            next = older;
        }
        assert_eq!(found, expected, "{filter}");
    }
    // What cannot be read is as if it were not there; before an unknown run there is nothing.
    let (_, text) = web.get("/runs?state=x&before=%3Cscript%3E").await?;
    assert_eq!(runs_of(&text).0.len(), 60);
    let (_, text) = web.get("/runs?before=no-such-run").await?;
    assert!(
        text.contains("Nenhuma execução corresponde ao filtro."),
        "{text}"
    );
    web.stop().await?;
    fleet.remove().await
}
