//! What is filtered and coloured, with two runs of which one failed and one is open.

use anyhow::Context as _;
use reqwest::StatusCode;
use tests::{Fleet, Web};

use super::YEAR;
use super::reading::{cells_of, classes, listed};

pub async fn filters_are_kept_in_addresses(fleet: &Fleet, web: &Web) -> anyhow::Result<()> {
    let all: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM empreendimentos")
        .fetch_one(&fleet.pool)
        .await?;
    for (filter, expected) in [
        ("", vec![1400, 1403, 1406, 1409, 1412, 1415, 1418, 1421]),
        ("state=failed", vec![1406]),
        ("state=stale&q=140", vec![1400, 1403, 1406, 1409]),
        ("state=failed&q=1400", vec![]),
        ("state=nonsense&q=141", vec![1412, 1415, 1418]),
        ("q=AGUA", vec![1400]),
        ("q=%C3%81gua+viva", vec![]),
        ("q=%C3%A1gua+%3CB%3Eviva", vec![1400]),
        ("q=+1406+", vec![1406]),
    ] {
        let (status, text) = web.get(&format!("{YEAR}&{filter}")).await?;
        assert_eq!(status, StatusCode::OK);
        let found = listed(&text).into_iter().collect::<Vec<i64>>();
        assert_eq!(found, expected, "{filter}");
        let shown = format!("<p>{} of {all} empreendimentos.</p>", expected.len());
        let told = !filter.is_empty() && !expected.is_empty();
        assert_eq!(text.contains(&shown), told, "{filter}: {text}");
        assert_eq!(text.contains("Total of those shown"), told, "{filter}");
        let nothing = text.contains("No empreendimento matches the filter.");
        assert_eq!(nothing, expected.is_empty(), "{filter}");
    }
    // The total is that of the rows that are shown.
    let query = "SELECT to_char(SUM(vp), 'FM999G999G990D00') FROM estatisticas_portfolio
                 WHERE empreendimento_id IN (1412, 1415, 1418) AND ref_month = '2026-03'";
    let total: String = sqlx::query_scalar(query).fetch_one(&fleet.pool).await?;
    let (_, text) = web.get(&format!("{YEAR}&q=141")).await?;
    let foot = text.split_once("<tfoot>").context("a total")?.1;
    assert_eq!(cells_of(foot)[2].value, total);

    // What was typed is neither markup nor lost on the way to other months.
    let typed = "q=%22%3E%3Cscript%3E&state=stale&heat=on";
    let (_, text) = web.get(&format!("{YEAR}&{typed}")).await?;
    assert!(!text.contains("<script>"), "{text}");
    assert!(
        text.contains("value=\"&#34;&#62;&#60;script&#62;\""),
        "{text}"
    );
    let earlier = text.split("href=\"").find_map(|link| {
        link.split('"')
            .next()
            .filter(|link| link.contains("until=2025-12"))
    });
    let earlier = earlier.context("a link to earlier months")?;
    assert_eq!(
        earlier.replace("&amp;", "&"),
        format!("/figures?measure=vp&until=2025-12&{typed}")
    );
    let (_, text) = web.get(&earlier.replace("&amp;", "&")).await?;
    assert!(
        text.contains("value=\"&#34;&#62;&#60;script&#62;\""),
        "{text}"
    );
    assert!(text.contains("<option value=\"stale\" selected>"), "{text}");
    assert!(
        text.contains("name=\"heat\" value=\"on\" checked"),
        "{text}"
    );
    Ok(())
}

pub async fn colours_are_by_magnitude(fleet: &Fleet, web: &Web) -> anyhow::Result<()> {
    // Each figure's fifth, by magnitude: equal ones are in one class, that of the first of them.
    let query = "SELECT empreendimento_id, array_agg('h' || (least * 5 / everything + 1) ORDER BY ref_month)
         FROM (SELECT empreendimento_id, ref_month,
                      RANK() OVER (ORDER BY vp) - 1 AS least, COUNT(*) OVER () AS everything
               FROM estatisticas_portfolio WHERE vp <> 0) AS ranked
         GROUP BY empreendimento_id";
    let expected: Vec<(i64, Vec<String>)> = sqlx::query_as(query).fetch_all(&fleet.pool).await?;
    let (_, text) = web.get(&format!("{YEAR}&heat=on")).await?;
    for (id, expected) in &expected {
        let mut found = classes(&text, *id);
        found.retain(|class| !class.is_empty());
        let found: Vec<_> = found
            .iter()
            .filter_map(|class| class.split(' ').next_back())
            .collect();
        assert_eq!(&found, expected, "{id}");
    }
    assert_eq!(classes(&text, 1406)[4].split(' ').next(), Some("failed"));
    // A filter changes no colour, and nobody gets colours who did not ask.
    let (_, filtered) = web.get(&format!("{YEAR}&heat=on&q=1403")).await?;
    assert_eq!(classes(&filtered, 1403), classes(&text, 1403));
    let (_, text) = web.get(YEAR).await?;
    assert!(!text.contains("h5\""), "{text}");
    Ok(())
}
