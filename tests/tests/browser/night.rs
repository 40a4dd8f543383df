//! The night: a schedule is added and begins a run at once, the fleet pauses and goes on, and the run is
//! cancelled, in both languages.

use tests::browser::Browser;
use tests::{Fleet, GOLDEN, Web};

use crate::history::fill;

/// What a reader clicks on and sees.
struct Texts {
    language: &'static str,
    add: &'static str,
    next: &'static str,
    run_now: &'static str,
    history: &'static str,
    queued: &'static str,
    pause: &'static str,
    paused: &'static str,
    end_pause: &'static str,
    nobody_pauses: &'static str,
    look: &'static str,
    would_cancel: &'static str,
    cancel: &'static str,
    cancelled: &'static str,
    remove: &'static str,
    removed: &'static str,
}

const PORTUGUESE: Texts = Texts {
    language: "pt-BR",
    add: "Agendar",
    next: "Próximos horários",
    run_now: "Executar agora",
    history: "Histórico",
    queued: "A execução está na fila, sem worker",
    pause: "Pausar a frota",
    paused: "A frota está em pausa",
    end_pause: "Encerrar a pausa",
    nobody_pauses: "Nenhum job novo começa; os que estão com um worker terminam.",
    look: "Cancelar a execução…",
    would_cancel: "Jobs que são cancelados:",
    cancel: "Cancelar a execução",
    cancelled: "A execução foi cancelada",
    remove: "Remover o agendamento",
    removed: "Nada está agendado.",
};

const ENGLISH: Texts = Texts {
    language: "en",
    add: "Add a schedule",
    next: "Next times",
    run_now: "Run now",
    history: "History",
    queued: "The run is queued and no worker has it",
    pause: "Pause the fleet",
    paused: "The fleet is paused",
    end_pause: "End the pause",
    nobody_pauses: "No new job begins; those in hand end.",
    look: "Cancel the run…",
    would_cancel: "Jobs that are cancelled:",
    cancel: "Cancel the run",
    cancelled: "The run was cancelled",
    remove: "Remove the schedule",
    removed: "Nothing is scheduled.",
};

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_begins_a_run_that_is_cancelled_after_a_look() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let web = Web::of(&fleet).await?;
    let browser = Browser::start().await?;
    for texts in [PORTUGUESE, ENGLISH] {
        browser
            .open(&web, &format!("/schedules?lang={}", texts.language))
            .await?;
        fill(&browser, "name", "nightly").await?;
        // On leap days: no time comes during the test.
        fill(&browser, "cron", "0 2 29 2 *").await?;
        fill(&browser, "arguments", "--last-months 1").await?;
        browser.click(texts.add).await?;
        browser.sees(texts.next).await?;
        browser.click(texts.run_now).await?;
        browser.sees(texts.history).await?;
        let run: String =
            sqlx::query_scalar("SELECT id FROM sync_runs ORDER BY created_at DESC LIMIT 1")
                .fetch_one(&fleet.pool)
                .await?;
        browser.sees(&run).await?;
        let planned = "SELECT COUNT(published_at) > 0 AND COUNT(*) = COUNT(published_at)
                       FROM sync_jobs WHERE state = 'queued'";
        fleet.until("the run is planned", planned).await?;

        browser.open(&web, "/maintenance").await?;
        fill(&browser, "why", "ERP em manutenção").await?;
        browser.click(texts.pause).await?;
        browser.sees(texts.paused).await?;
        browser.open(&web, "/").await?;
        browser.sees(texts.paused).await?;
        browser.sees("ERP em manutenção").await?;
        browser.click(texts.end_pause).await?;
        browser.sees(texts.nobody_pauses).await?;
        assert!(!browser.text().await?.contains(texts.paused));

        browser.open(&web, &format!("/runs/{run}")).await?;
        browser.sees(texts.queued).await?;
        browser.click(texts.look).await?;
        browser.sees(texts.would_cancel).await?;
        assert_eq!(cancelled(&fleet, &run).await?, 0, "it only looks");
        fill(&browser, "why", "período errado").await?;
        browser.click(texts.cancel).await?;
        browser.sees(texts.cancelled).await?;
        browser.sees("período errado").await?;
        assert!(cancelled(&fleet, &run).await? > 0);

        browser.open(&web, "/schedules/nightly/remove").await?;
        browser.click(texts.remove).await?;
        browser.sees(texts.removed).await?;
    }
    web.stop().await?;
    fleet.remove().await
}

/// How many jobs of a run are cancelled.
async fn cancelled(fleet: &Fleet, run: &str) -> anyhow::Result<i64> {
    let query = "SELECT COUNT(*) FROM sync_jobs WHERE run_id = $1 AND state = 'cancelled'";
    let cancelled = sqlx::query_scalar(query).bind(run);
    Ok(cancelled.fetch_one(&fleet.pool).await?)
}
