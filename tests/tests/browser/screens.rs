//! Every screen, in both languages and themes, on a wide and on a narrow window and in every state of a run:
//! axe-core finds nothing to object to, and nothing is wider than the window.

use anyhow::Context as _;
use simulator::{Config, Route, Selector};
use tests::browser::{Browser, Theme};
use tests::{ALL_DONE, Fleet, GOLDEN, GOLDEN_ENQUEUE, Web};

use crate::Morning;
use crate::sign_in::{page_of_users, sign_in};

/// In the order of the texts of a [`Screen`].
const LANGUAGES: [&str; 2] = ["pt-BR", "en"];

/// A path, and what stands there in Portuguese and in English.
type Screen<'a> = (String, [&'a str; 2]);

#[tokio::test(flavor = "multi_thread")]
async fn each_is_accessible_and_fits_the_window() -> anyhow::Result<()> {
    let morning = Morning::new().await?;
    let of_users = page_of_users(&morning.fleet).await?;
    let browser = Browser::start().await?;
    let axe = axe()?;
    let mut found = problems_of(&browser, &axe, &morning.web, &morning.screens()).await?;
    for (at, language) in LANGUAGES.into_iter().enumerate() {
        let sign_in_page = format!("/login?lang={language}");
        browser.open(&of_users, &sign_in_page).await?;
        let [user, refused] = [
            ["Usuário", "Usuário ou senha incorretos."],
            ["User", "The user or the password is wrong."],
        ][at];
        sign_in(&browser, user, "ana", "wrong").await?;
        browser.sees(refused).await?;
        found.extend(problems(&browser, &axe, &sign_in_page).await?);
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    of_users.stop().await?;
    morning.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_is_so_before_a_run_after_a_refused_sign_in_and_during_a_run() -> anyhow::Result<()> {
    let mut fleet = Fleet::new(Config::folder(GOLDEN)).await?;
    let web = Web::of(&fleet).await?;
    let browser = Browser::start().await?;
    let axe = axe()?;
    let no_run = ["Ainda não há nenhuma execução.", "There is no run yet."];
    let no_figures = [
        "Ainda não há valores nestes meses.",
        "There are no figures of these months yet.",
    ];
    let empty = [("/", no_run), ("/runs", no_run), ("/figures", no_figures)];
    let empty = empty.map(|(path, shows)| (path.to_owned(), shows));
    let mut found = problems_of(&browser, &axe, &web, &empty).await?;

    // The password was changed, which ends the session that the producer has shared.
    fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
    fleet.erp.void_all_tokens();
    let right = fleet.set("MEGA_API_PASSWORD", "wrong");
    let worker = fleet.worker(&[])?;
    let refused = "SELECT refused_at IS NOT NULL FROM sync_session";
    fleet.until("the sign-in is refused", refused).await?;
    fleet.retire(worker).await?;
    let run: String = sqlx::query_scalar("SELECT id FROM sync_runs")
        .fetch_one(&fleet.pool)
        .await?;
    let refused = [
        "A execução parou: o ERP recusou o login.",
        "The run stopped: the ERP refused the sign-in.",
    ];
    found.extend(problems_of(&browser, &axe, &web, &screens_of(&run, refused)).await?);

    fleet.set("MEGA_API_PASSWORD", right);
    fleet.producer_exits(0, &["signin", "--retry"]).await?;
    // On leap days: no time comes meanwhile.
    let leap_days = "0 2 29 2 *";
    let add = [
        "schedule",
        "add",
        "nightly",
        "--cron",
        leap_days,
        "--",
        "--last-months",
        "1",
    ];
    fleet.producer_exits(0, &add).await?;
    let pause = ["pause", "--until", "2099-12-31T06:00", "--why", "ERP"];
    fleet.producer_exits(0, &pause).await?;
    found.extend(problems_of(&browser, &axe, &web, &screens_of_the_night(&run)).await?);
    fleet.producer_exits(0, &["unpause"]).await?;
    // One job stays with the worker while it is looked at: no call may time out meanwhile.
    fleet.set("MEGA_API_TIMEOUT", "120");
    let held = Selector::route(Route::DadosParcelas).contrato(11001);
    fleet.erp.gate(held);
    let worker = fleet.worker(&[])?;
    let others = "SELECT COUNT(*) = 8 FROM sync_jobs WHERE state = 'done'";
    fleet.until("all but the one held are done", others).await?;
    let running = [
        "A execução está em andamento: 8 de 9 jobs feitos.",
        "The run is running: 8 of 9 jobs are done.",
    ];
    found.extend(problems_of(&browser, &axe, &web, &screens_of(&run, running)).await?);
    assert!(found.is_empty(), "{}", found.join("\n"));

    fleet.erp.open_gates();
    fleet.until("the run is done", ALL_DONE).await?;
    fleet.retire(worker).await?;
    web.stop().await?;
    fleet.remove().await
}

/// The screens that differ with the state of the newest run, which is open and said to be in this state.
fn screens_of<'a>(run: &'a str, state: [&'a str; 2]) -> [Screen<'a>; 4] {
    [
        ("/".to_owned(), state),
        ("/runs".to_owned(), [run; 2]),
        (format!("/runs/{run}"), state),
        (
            "/figures?until=2026-11".to_owned(),
            [
                "uma execução mais nova cobre o mês e ainda não o gravou",
                "a newer run covers the month and has not committed it yet",
            ],
        ),
    ]
}

/// The screens that differ while there is a schedule, the fleet is paused and the run is open.
fn screens_of_the_night(run: &str) -> [Screen<'static>; 6] {
    let paused = ["A frota está em pausa", "The fleet is paused"];
    [
        ("/".to_owned(), paused),
        ("/maintenance".to_owned(), paused),
        ("/schedules".to_owned(), ["Próximos horários", "Next times"]),
        (
            "/schedules/nightly".to_owned(),
            ["Nenhum horário chegou ainda.", "No time has come yet."],
        ),
        (
            "/schedules/nightly/remove".to_owned(),
            ["As que começaram ficam.", "Those that began stay."],
        ),
        (
            format!("/runs/{run}/cancel"),
            ["Jobs que são cancelados: 9", "Jobs that are cancelled: 9"],
        ),
    ]
}

/// What is wrong with some screens in each language, theme and width, a line each.
async fn problems_of(
    browser: &Browser,
    axe: &str,
    web: &Web,
    screens: &[Screen<'_>],
) -> anyhow::Result<Vec<String>> {
    let mut found = Vec::new();
    for (at, language) in LANGUAGES.into_iter().enumerate() {
        let choice = format!("/?lang={language}");
        browser.open(web, &choice).await?;
        for (path, shows) in screens {
            browser.open(web, path).await?;
            browser.sees(shows[at]).await?;
            let place = format!("{path} {language}, {:?}", shows[at]);
            found.extend(problems(browser, axe, &place).await?);
        }
    }
    Ok(found)
}

/// axe-core as a script.
fn axe() -> anyhow::Result<String> {
    let how = "eval \"$(scripts/services)\" brings axe-core";
    let path = std::env::var("MEGA_SYNC_TEST_AXE")
        .with_context(|| format!("MEGA_SYNC_TEST_AXE is not set: {how}"))?;
    std::fs::read_to_string(&path).with_context(|| format!("{path}: {how}"))
}

/// What is wrong with the page in each theme and width, a line each.
async fn problems(browser: &Browser, axe: &str, place: &str) -> anyhow::Result<Vec<String>> {
    // A page that changes while axe-core reads it would be judged half old and half new. One that nobody
    // sees follows no run.
    let unseen = "Object.defineProperty(document, 'hidden', { value: true });
                  document.dispatchEvent(new Event('visibilitychange'))";
    let () = browser.run(unseen, &[]).await?;
    let () = browser.run(axe, &[]).await?;
    let mut found = Vec::new();
    for theme in [Theme::Light, Theme::Dark] {
        browser.theme(theme).await?;
        for width in [1280, 360] {
            browser.width(width).await?;
            let lines = problems_now(browser).await?;
            let place = format!("{place} {theme:?} {width}");
            found.extend(lines.iter().map(|one| format!("{place}: {one}")));
        }
    }
    Ok(found)
}

/// What is wrong with the page as it stands, a line each.
async fn problems_now(browser: &Browser) -> anyhow::Result<Vec<String>> {
    let script = "const { violations } = await axe.run();
                  const lines = violations.flatMap(({ id, help, nodes }) =>
                      nodes.map(({ html }) => `${id}: ${help}: ${html}`));
                  const { scrollWidth, clientWidth } = document.documentElement;
                  if (scrollWidth > clientWidth)
                      lines.push(`${scrollWidth} pixels wide, of ${clientWidth}`);
                  return lines";
    browser.run(script, &[]).await
}
