//! The whole product in one process: `mega-sync serve`.

use reqwest::StatusCode;
use simulator::{Route, Selector};
use sqlx::SqlitePool;
use tests::{Standalone, Web, difference, expected, garble_a_contrato, until};

use crate::standalone::BACKFILL;

async fn served(standalone: &Standalone) -> anyhow::Result<Web> {
    Web::start(standalone.command()?.arg("serve")).await
}

/// The kinds of workers that made attempts.
async fn workers(pool: &SqlitePool) -> anyhow::Result<Vec<String>> {
    let kinds = "SELECT DISTINCT CASE WHEN worker LIKE 'serve:%' THEN 'serve' ELSE 'own' END
                 FROM sync_attempts";
    Ok(sqlx::query_scalar(kinds).fetch_all(pool).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_record_and_serve_works() -> anyhow::Result<()> {
    let standalone = Standalone::new().await?;
    let web = served(&standalone).await?;
    let (_, text) = web.get("/").await?;
    assert!(text.contains("Ainda não há nenhuma execução"), "{text}");

    garble_a_contrato(&standalone.erp);
    standalone.exits(3, BACKFILL).await?;
    let pool = standalone.pool().await?;
    assert_eq!(workers(&pool).await?, ["serve"]);
    let (_, text) = web.get("/").await?;
    assert!(text.contains("1 de 9 jobs falharam"), "{text}");

    // The button of the page, and then the command.
    let run: String = sqlx::query_scalar("SELECT id FROM sync_runs")
        .fetch_one(&pool)
        .await?;
    let requeue = format!("/runs/{run}/requeue");
    let failures = "SELECT COUNT(*) FROM sync_attempts WHERE outcome = 'failed'";
    let failures = async || -> anyhow::Result<i64> {
        Ok(sqlx::query_scalar(failures).fetch_one(&pool).await?)
    };
    assert_eq!(
        web.post(&requeue, "cause=", web.origin()).await?,
        StatusCode::OK
    );
    until("it has failed again", async || Ok(failures().await? == 2)).await?;
    standalone.erp.clear_overrides();
    standalone.exits(0, &["requeue"]).await?;
    assert_eq!(workers(&pool).await?, ["serve"]);
    assert_eq!(
        difference(&expected(), &standalone.tables().await?),
        [""; 0]
    );
    let (_, text) = web.get("/").await?;
    assert!(text.contains("A execução está completa: 9 de 9"), "{text}");
    web.stop().await?;

    // Without it the command has a worker of its own.
    standalone.exits(0, BACKFILL).await?;
    assert_eq!(workers(&pool).await?.len(), 2);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_that_is_added_while_it_lives_begins_runs() -> anyhow::Result<()> {
    let standalone = Standalone::new().await?;
    let web = served(&standalone).await?;
    let add = ["schedule", "add", "often", "--cron", "*/2 * * * * *", "--"];
    let window = ["--start-date", "2026-09-01", "--end-date", "2026-09-30"];
    let small = ["--empreendimento-ids", "1403"];
    let add = [&add[..], &window, &small].concat();
    standalone.exits(0, &add).await?;
    let pool = standalone.pool().await?;
    let done = "SELECT run_id FROM sync_jobs WHERE state = 'done'";
    let done = async || -> anyhow::Result<Vec<String>> {
        Ok(sqlx::query_scalar(done).fetch_all(&pool).await?)
    };
    until("two runs are done", async || Ok(done().await?.len() >= 2)).await?;
    assert_eq!(workers(&pool).await?, ["serve"]);
    let run = &done().await?[0];
    let (_, text) = web.get(&format!("/runs/{run}")).await?;
    assert!(
        text.contains(r#"<dt>Agendamento</dt><dd><a href="/schedules/often">often</a></dd>"#),
        "{text}"
    );
    let history = ["schedule", "history", "often"];
    let history = standalone.exits(0, &history).await?;
    assert!(history.contains(&format!("  run {run}")), "{history}");
    web.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_serve_had_in_hand_the_next_one_does() -> anyhow::Result<()> {
    let standalone = Standalone::new().await?;
    let web = served(&standalone).await?;
    standalone.erp.gate(Selector::route(Route::DadosParcelas));
    let mut following = standalone.command()?.args(BACKFILL).spawn()?;
    standalone.erp.wait_for_calls(Route::DadosParcelas, 1).await;
    web.kill().await?;
    following.kill().await?;
    standalone.erp.open_gates();

    // It waits until the killed one cannot be alive any more, and then works without being asked.
    let web = served(&standalone).await?;
    let pool = standalone.pool().await?;
    let open = "SELECT COUNT(*) FROM sync_jobs WHERE state <> 'done'";
    until("the run is done", async || {
        let open: i64 = sqlx::query_scalar(open).fetch_one(&pool).await?;
        Ok(open == 0)
    })
    .await?;
    assert_eq!(
        difference(&expected(), &standalone.tables().await?),
        [""; 0]
    );
    assert_eq!(workers(&pool).await?, ["serve"]);

    // Beside a living one it does not start.
    let mut second = standalone.command()?;
    let second = second.args(["serve", "--listen", "127.0.0.1:0"]).output();
    let second = second.await?;
    assert_eq!(second.status.code(), Some(1));
    let told = String::from_utf8(second.stderr)?;
    assert!(told.contains("another mega-sync serve works"), "{told}");
    web.stop().await
}
