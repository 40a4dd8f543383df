//! The night on the page: schedules, the pause of the fleet, cancelling, and pruning.

use anyhow::Context as _;
use reqwest::{Method, StatusCode};
use simulator::{Fault, FaultKind, Selector};
use tests::{Fleet, GOLDEN, Web};

use crate::GOLDEN_ENQUEUE;
use crate::web_figures::is_portuguese;

/// On leap days: no time comes during a test.
const NIGHTLY: &str = "name=nightly&cron=0+2+29+2+*&tz=America/Sao_Paulo&arguments=--last-months+1";

/// What people did, the oldest first: what, about what, and why. Processes prune by themselves.
async fn actions(fleet: &Fleet) -> anyhow::Result<Vec<(String, Option<String>, Option<String>)>> {
    let actions = "SELECT what, about, why FROM sync_actions WHERE what <> 'prune' ORDER BY at";
    Ok(sqlx::query_as(actions).fetch_all(&fleet.pool).await?)
}

async fn count(fleet: &Fleet, query: &'static str) -> anyhow::Result<i64> {
    Ok(sqlx::query_scalar(query).fetch_one(&fleet.pool).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_is_added_paused_run_and_removed() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let web = Web::of(&fleet).await?;
    let post = async |path: &str, form: &str| web.post(path, form, web.origin()).await;
    let (_, text) = web.get("/schedules").await?;
    assert!(text.contains("Nada está agendado."), "{text}");
    is_portuguese(&text)?;

    let foreign = web.post("/schedules", NIGHTLY, "http://page.example");
    assert_eq!(foreign.await?, StatusCode::FORBIDDEN);
    for wrong in [
        "",
        "name=nightly",
        "name=Nightly&cron=0+2+*+*+*&arguments=--last-months+1",
        "name=nightly&cron=0+25+*+*+*&arguments=--last-months+1",
        "name=nightly&cron=0+2+*+*+*&tz=Brasilia&arguments=--last-months+1",
        "name=nightly&cron=0+2+*+*+*&arguments=",
        "name=nightly&cron=0+2+*+*+*&arguments=--last-months+0",
        "name=nightly&cron=0+2+*+*+*&arguments=--last-months+1+--wait",
        "name=--overlap%3Dallow&cron=0+2+*+*+*&arguments=--last-months+1",
    ] {
        let status = post("/schedules", wrong).await?;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
    assert_eq!(
        count(&fleet, "SELECT COUNT(*) FROM sync_schedules").await?,
        0
    );

    assert_eq!(post("/schedules", NIGHTLY).await?, StatusCode::OK);
    let taken = post("/schedules", NIGHTLY).await?;
    assert_eq!(taken, StatusCode::UNPROCESSABLE_ENTITY);
    let (_, text) = web.get("/schedules").await?;
    for expected in [
        "href=\"/schedules/nightly\"",
        "<code>0 2 29 2 *</code>",
        "<code>--last-months 1</code>",
        "ativo",
        "nenhum ainda",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    let (_, next) = text.split_once("Próximos horários").context("its times")?;
    let (next, _) = next.split_once("</dd>").context("its times")?;
    assert_eq!(next.matches(" 02:00").count(), 5, "{next}");
    is_portuguese(&text)?;

    let paused = post("/schedules/nightly/pause", "why=f%C3%A9rias+%26+festas").await?;
    assert_eq!(paused, StatusCode::OK);
    let (_, text) = web.get("/schedules/nightly").await?;
    for expected in [
        "em pausa",
        "férias &#38; festas",
        "Nenhum horário chegou ainda.",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    let (_, text) = web.get("/schedules/nightly?lang=en").await?;
    assert!(
        text.contains("paused") && text.contains("No time has come yet."),
        "{text}"
    );
    assert_eq!(post("/schedules/nightly/resume", "").await?, StatusCode::OK);

    // The page plans it as well.
    assert_eq!(post("/schedules/nightly/run", "").await?, StatusCode::OK);
    let run: String = sqlx::query_scalar("SELECT id FROM sync_runs")
        .fetch_one(&fleet.pool)
        .await?;
    let planned = "SELECT EXISTS (SELECT FROM sync_jobs)";
    fleet.until("the run is planned", planned).await?;
    let of_run = format!("href=\"/runs/{run}\"");
    for path in ["/schedules", "/schedules/nightly"] {
        let (_, text) = web.get(path).await?;
        assert!(text.contains(&of_run), "{of_run}: {text}");
        is_portuguese(&text)?;
    }
    let (_, text) = web.get(&format!("/runs/{run}")).await?;
    assert!(text.contains("href=\"/schedules/nightly\""), "{text}");

    let (status, text) = web.get("/schedules/nightly/remove").await?;
    assert_eq!(status, StatusCode::OK);
    assert!(text.contains("As que começaram ficam."), "{text}");
    assert_eq!(
        count(&fleet, "SELECT COUNT(*) FROM sync_schedules").await?,
        1
    );
    assert_eq!(post("/schedules/nightly/remove", "").await?, StatusCode::OK);
    for path in [
        "/schedules/nightly",
        "/schedules/nightly/remove",
        "/schedules/X",
    ] {
        assert_eq!(web.get(path).await?.0, StatusCode::NOT_FOUND, "{path}");
    }
    for action in ["pause", "resume", "run", "remove"] {
        let gone = post(&format!("/schedules/nightly/{action}"), "").await?;
        assert_eq!(gone, StatusCode::UNPROCESSABLE_ENTITY, "{action}");
    }
    assert_eq!(web.get(&format!("/runs/{run}")).await?.0, StatusCode::OK);

    let done = actions(&fleet).await?;
    let done: Vec<_> = done
        .iter()
        .map(|(what, about, _)| (&**what, about.as_deref()))
        .collect();
    let about = Some("nightly");
    let expected = [
        ("schedule_add", about),
        ("schedule_pause", about),
        ("schedule_resume", about),
        ("schedule_run_now", about),
        ("schedule_remove", about),
    ];
    assert_eq!(done, expected);
    web.stop().await?;
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pause_of_the_fleet_is_on_every_screen_that_it_concerns() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let web = Web::of(&fleet).await?;
    let post = async |path: &str, form: &str| web.post(path, form, web.origin()).await;
    fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
    let banner = "A frota está em pausa";
    for wrong in [
        "",
        "why=+",
        "why=x&until=tomorrow",
        "why=x&until=2000-01-01T00:00",
    ] {
        let status = post("/pause", wrong).await?;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
    let foreign = web.post("/pause", "why=x", "http://page.example");
    assert_eq!(foreign.await?, StatusCode::FORBIDDEN);
    let (_, text) = web.get("/").await?;
    assert!(!text.contains(banner), "{text}");

    let pause = "why=ERP+%3Cfora%3E&until=2099-12-31T06:00";
    assert_eq!(post("/pause", pause).await?, StatusCode::OK);
    for path in ["/", "/schedules", "/maintenance"] {
        let (_, text) = web.get(path).await?;
        for expected in [
            banner,
            "ERP &#60;fora&#62;",
            "até 31/12/2099 06:00",
            "Encerrar a pausa",
        ] {
            assert!(text.contains(expected), "{path}, {expected}: {text}");
        }
        is_portuguese(&text)?;
    }
    let (_, text) = web.get("/?lang=en").await?;
    for expected in [
        "The fleet is paused",
        "until 2099-12-31 06:00",
        "End the pause",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert_eq!(post("/pause/end", "").await?, StatusCode::OK);
    let (_, text) = web.get("/").await?;
    assert!(!text.contains(banner), "{text}");
    // To end it twice is no mistake.
    assert_eq!(post("/pause/end", "").await?, StatusCode::OK);

    assert_eq!(post("/pause", "why=sem+fim").await?, StatusCode::OK);
    let (_, text) = web.get("/maintenance").await?;
    assert!(text.contains("até que alguém a encerre: sem fim"), "{text}");
    let done = actions(&fleet).await?;
    let whats: Vec<_> = done.iter().map(|(what, ..)| what.as_str()).collect();
    assert_eq!(whats, ["pause", "unpause", "pause"]);
    assert_eq!(done[0].2.as_deref(), Some("ERP <fora>"));
    web.stop().await?;
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_cancelled_after_a_look_at_its_jobs() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let web = Web::of(&fleet).await?;
    fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
    let run: String = sqlx::query_scalar("SELECT id FROM sync_runs")
        .fetch_one(&fleet.pool)
        .await?;
    let cancelled = "SELECT COUNT(*) FROM sync_jobs WHERE state = 'cancelled'";
    let path = format!("/runs/{run}/cancel");
    let post = async |form: &str| web.post(&path, form, web.origin()).await;
    let (_, text) = web.get("/").await?;
    assert!(text.contains(&format!("href=\"{path}\"")), "{text}");

    let (status, text) = web.get(&path).await?;
    assert_eq!(status, StatusCode::OK);
    assert!(text.contains("Jobs que são cancelados: 9"), "{text}");
    is_portuguese(&text)?;
    let (_, text) = web
        .get(&format!("{path}?empreendimento_ids=1400,+1403"))
        .await?;
    assert!(text.contains("Jobs que são cancelados: 2"), "{text}");
    for wrong in ["empreendimento_ids=99", "empreendimento_ids=x"] {
        let (status, _) = web.get(&format!("{path}?{wrong}")).await?;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        let status = post(&format!("{wrong}&why=x")).await?;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
    for without_why in ["", "why=+"] {
        let status = post(without_why).await?;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{without_why}");
    }
    let foreign = web.post(&path, "why=x", "http://page.example");
    assert_eq!(foreign.await?, StatusCode::FORBIDDEN);
    assert_eq!(count(&fleet, cancelled).await?, 0, "nothing is written yet");

    let some = "empreendimento_ids=1400,1403&why=engano";
    assert_eq!(post(some).await?, StatusCode::OK);
    assert_eq!(count(&fleet, cancelled).await?, 2);
    let (_, text) = web.get(&path).await?;
    assert!(text.contains("Jobs que são cancelados: 7"), "{text}");
    let all = "why=per%C3%ADodo+%3Cerrado%3E";
    assert_eq!(post(all).await?, StatusCode::OK);
    assert_eq!(count(&fleet, cancelled).await?, 9);
    let (_, text) = web.get(&format!("/runs/{run}")).await?;
    for expected in [
        "A execução foi cancelada: 9 de 9 jobs cancelados, 0 feitos.",
        "cancelados: 9",
        "cancelou o que estava em aberto (1400,1403): engano",
        "cancelou o que estava em aberto: período &#60;errado&#62;",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert!(!text.contains(&path), "nothing is open: {text}");
    assert!(!text.contains("Nada falta."), "{text}");
    is_portuguese(&text)?;
    let (_, text) = web.get("/?lang=en").await?;
    let sentence = "The run was cancelled: 9 of 9 jobs are cancelled, 0 are done.";
    assert!(text.contains(sentence), "{text}");
    let (_, text) = web.get("/runs").await?;
    assert!(text.contains("</span> cancelada</td>"), "{text}");
    let (_, text) = web.get(&path).await?;
    assert!(text.contains("Nenhum job está em aberto."), "{text}");
    for unknown in ["/runs/20261126-051500-aaaaaa/cancel", "/runs/x/cancel"] {
        assert_eq!(
            web.get(unknown).await?.0,
            StatusCode::NOT_FOUND,
            "{unknown}"
        );
    }
    web.stop().await?;
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_not_planned_yet_is_cancelled_after_a_look() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    // It is planned by the page itself, once the ERP answers.
    let down = FaultKind::Status {
        code: 502,
        retry_after_seconds: None,
    };
    fleet.erp.fault(Fault::always(Selector::any(), down));
    let web = Web::of(&fleet).await?;
    let post = async |path: &str, form: &str| web.post(path, form, web.origin()).await;
    assert_eq!(post("/schedules", NIGHTLY).await?, StatusCode::OK);
    assert_eq!(post("/schedules/nightly/run", "").await?, StatusCode::OK);
    let run: String = sqlx::query_scalar("SELECT id FROM sync_runs")
        .fetch_one(&fleet.pool)
        .await?;
    let path = format!("/runs/{run}/cancel");
    let (_, text) = web.get(&format!("/runs/{run}")).await?;
    assert!(text.contains(&format!("href=\"{path}\"")), "{text}");
    let (status, text) = web.get(&path).await?;
    assert_eq!(status, StatusCode::OK);
    assert!(text.contains("o plano dela é cancelado"), "{text}");
    is_portuguese(&text)?;
    let some = "empreendimento_ids=1400";
    let (status, _) = web.get(&format!("{path}?{some}")).await?;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let open = "SELECT COUNT(*) FROM sync_runs WHERE planning = 'open'";
    assert_eq!(count(&fleet, open).await?, 1, "it only looks");

    assert_eq!(post(&path, "why=engano").await?, StatusCode::OK);
    assert_eq!(count(&fleet, open).await?, 0);
    let (_, text) = web.get(&format!("/runs/{run}")).await?;
    for expected in [
        "O plano da execução foi recusado.",
        "cancelled by ",
        "cancelou o que estava em aberto: engano",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert!(!text.contains(&path), "nothing is open: {text}");
    is_portuguese(&text)?;
    let (_, text) = web.get(&path).await?;
    assert!(text.contains("Nenhum job está em aberto."), "{text}");
    web.stop().await?;
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_old_is_pruned_after_a_look() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let worker = fleet.worker(&[])?;
    let known = "SELECT EXISTS (SELECT FROM sync_workers)";
    fleet.until("the worker is known", known).await?;
    fleet.retire(worker).await?;
    // Nobody else prunes within a day.
    fleet.producer_exits(0, &["prune"]).await?;
    let old = "UPDATE sync_workers SET heartbeat_at = now() - interval '900 days',
                                       stopped_at = now() - interval '900 days'";
    sqlx::query(old).execute(&fleet.pool).await?;
    let workers = "SELECT COUNT(*) FROM sync_workers";
    let web = Web::of(&fleet).await?;
    let (_, text) = web.get("/maintenance").await?;
    assert!(text.contains("href=\"/prune\""), "{text}");

    let (status, text) = web.get("/prune").await?;
    assert_eq!(status, StatusCode::OK);
    for expected in ["<li>workers: 1</li>", "Nada foi removido ainda."] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    is_portuguese(&text)?;
    let foreign = web.post("/prune", "", "http://page.example");
    assert_eq!(foreign.await?, StatusCode::FORBIDDEN);
    assert_eq!(count(&fleet, workers).await?, 1, "it only looks");

    assert_eq!(web.post("/prune", "", web.origin()).await?, StatusCode::OK);
    assert_eq!(count(&fleet, workers).await?, 0);
    let pruned = "SELECT COUNT(*) FROM sync_actions WHERE what = 'prune'";
    assert_eq!(count(&fleet, pruned).await?, 2);
    let (_, text) = web.get("/prune").await?;
    assert!(text.contains("Nada é antigo o bastante."), "{text}");
    web.stop().await?;
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn notifications_are_listed_with_what_became_of_them() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let web = Web::of(&fleet).await?;
    let (_, text) = web.get("/maintenance").await?;
    assert!(text.contains("Nenhum aviso foi enviado."), "{text}");
    is_portuguese(&text)?;
    let sent = "WITH told AS (
            INSERT INTO sync_notifications (event, about, day, facts, created_at)
            VALUES ('recovered', 'erp-away', '2026-11-23', '{\"event\": \"test\"}', now())
            RETURNING id
        )
        INSERT INTO sync_notification_sends (notification_id, channel, sent_at, tries, problem)
        SELECT id, 'email', TIMESTAMPTZ '2026-11-23 05:00:00+00', 2, NULL FROM told
        UNION ALL
        SELECT id, 'webhook', NULL, 7, '503 <busy>' FROM told";
    sqlx::query(sent).execute(&fleet.pool).await?;
    let (_, text) = web.get("/maintenance").await?;
    for expected in [
        "voltou ao normal: ERP fora do ar",
        "<td>23/11/2026</td><td>email</td>",
        "<td>23/11/2026 02:00</td><td class=\"number\">2</td>",
        "desistiu",
        "<code lang=\"en\">503 &#60;busy&#62;</code>",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    is_portuguese(&text)?;
    let (_, text) = web.get("/maintenance?lang=en").await?;
    for expected in ["recovered: ERP away", "given up"] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    web.stop().await?;
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_only_shows_does_none_of_it() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
    let add = [
        "schedule",
        "add",
        "nightly",
        "--cron",
        "0 2 29 2 *",
        "--",
        "--last-months",
        "1",
    ];
    fleet.producer_exits(0, &add).await?;
    fleet.producer_exits(0, &["pause", "--why", "x"]).await?;
    let run: String = sqlx::query_scalar("SELECT id FROM sync_runs")
        .fetch_one(&fleet.pool)
        .await?;
    let web = Web::with(&fleet, &["--read-only"]).await?;
    let of_run = format!("/runs/{run}");
    for path in [
        "/",
        &of_run,
        "/schedules",
        "/schedules/nightly",
        "/maintenance",
    ] {
        let (status, text) = web.get(path).await?;
        assert_eq!(status, StatusCode::OK, "{path}");
        assert!(text.contains("A frota está em pausa"), "{path}: {text}");
        for absent in ["method=\"post\"", "/cancel", "/remove", "/prune"] {
            assert!(!text.contains(absent), "{path}, {absent}: {text}");
        }
    }
    let cancel = format!("{of_run}/cancel");
    for path in [
        "/schedules/nightly/pause",
        "/schedules/nightly/resume",
        "/schedules/nightly/run",
        "/schedules/nightly/remove",
        "/pause",
        "/pause/end",
        "/prune",
        &cancel,
    ] {
        for method in [Method::GET, Method::POST] {
            let asked = web.request(method, path);
            let answer = asked.header("origin", web.origin()).send().await?;
            assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }
    let added = web.post("/schedules", NIGHTLY, web.origin()).await?;
    assert_eq!(added, StatusCode::METHOD_NOT_ALLOWED);
    web.stop().await?;
    fleet.remove().await
}
