//! Who is let in at the page, and as what.

use std::collections::BTreeMap;
use std::time::Instant;

use anyhow::Context as _;
use reqwest::header::{HeaderMap, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use tests::{Fleet, GOLDEN, Web, garble_a_contrato};

use crate::{ALL_DONE, GOLDEN_BACKFILL};

const PASSWORD: &str = "correct horse";

/// Asks without following where it is led.
struct Visitor<'a> {
    web: &'a Web,
    client: Client,
    headers: HeaderMap,
}

impl<'a> Visitor<'a> {
    fn to(web: &'a Web) -> anyhow::Result<Self> {
        let client = Client::builder().no_proxy().redirect(Policy::none());
        Ok(Self {
            web,
            client: client.build()?,
            headers: HeaderMap::new(),
        })
    }

    fn asks(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.web.origin());
        let asked = self.client.request(method, url);
        asked.headers(self.headers.clone())
    }

    fn sends(&self, path: &str, form: &str, origin: &str) -> RequestBuilder {
        self.asks(Method::POST, path)
            .header("origin", origin)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.to_owned())
    }

    /// Signs in; gives the cookie as it was set.
    async fn signs_in(&mut self, name: &str) -> anyhow::Result<String> {
        let form = format!("name={name}&password={PASSWORD}&next=/runs");
        let answer = self.sends("/login", &form, self.web.origin()).send();
        let answer = answer.await?;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        assert_eq!(answer.headers()[LOCATION], "/runs");
        let set = answer.headers()[SET_COOKIE].to_str()?.to_owned();
        let cookie = set.split(';').next().unwrap_or_default();
        self.headers.insert("cookie", cookie.parse()?);
        Ok(set)
    }

    async fn status(&self, method: Method, path: &str) -> anyhow::Result<StatusCode> {
        let asked = self.asks(method, path).header("origin", self.web.origin());
        Ok(asked.send().await?.status())
    }
}

/// Every way to change something, of a run.
fn actions(run: &str) -> [String; 15] {
    [
        "/backfill".to_owned(),
        "/closes".to_owned(),
        "/closes/reopen".to_owned(),
        "/schedules".to_owned(),
        "/schedules/nightly/pause".to_owned(),
        "/schedules/nightly/resume".to_owned(),
        "/schedules/nightly/run".to_owned(),
        "/schedules/nightly/remove".to_owned(),
        "/pause".to_owned(),
        "/pause/end".to_owned(),
        "/prune".to_owned(),
        format!("/runs/{run}/cancel"),
        format!("/runs/{run}/requeue"),
        format!("/runs/{run}/resume"),
        "/sign-in/retry".to_owned(),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_sees_and_an_operator_acts() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let hash = Web::hash(&fleet, PASSWORD).await?;
    assert!(hash.starts_with("$argon2id$"), "{hash}");
    let file = tempfile::NamedTempFile::new()?;
    let users = format!("# finance\nana:viewer:{hash}\nrui:operator:{hash}\n");
    std::fs::write(file.path(), users)?;
    let users = ["--users", file.path().to_str().expect("a plain path")];
    let web = Web::with(&fleet, &users).await?;

    garble_a_contrato(&fleet.erp);
    let worker = fleet.worker(&[])?;
    fleet.producer_exits(3, &GOLDEN_BACKFILL).await?;
    fleet.erp.clear_overrides();
    let run: String = sqlx::query_scalar("SELECT id FROM sync_runs")
        .fetch_one(&fleet.pool)
        .await?;
    let requeued = async || -> anyhow::Result<Vec<String>> {
        let by = "SELECT by FROM sync_requeues";
        Ok(sqlx::query_scalar(by).fetch_all(&fleet.pool).await?)
    };

    let nobody = Visitor::to(&web)?;
    for path in [
        "/",
        "/runs",
        "/figures?measure=vp",
        "/cash-out",
        "/changes?since=close",
        "/closes",
        "/schedules",
        "/maintenance",
        "/export?format=xlsx",
        "/about",
        "/nothing",
    ] {
        let answer = nobody.asks(Method::GET, path).send().await?;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{path}");
        let to = answer.headers()[LOCATION].to_str()?;
        assert!(to.starts_with("/login?next=%2F"), "{to}");
    }
    for path in actions(&run) {
        let status = nobody.status(Method::POST, &path).await?;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{path}");
    }
    for path in ["/healthz", "/style.css"] {
        assert_eq!(nobody.status(Method::GET, path).await?, StatusCode::OK);
    }
    for (name, password) in [("ana", "wrong"), ("nobody", PASSWORD), ("", "")] {
        let form = format!("name={name}&password={password}");
        let answer = nobody.sends("/login", &form, web.origin()).send().await?;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        assert!(answer.headers().get(SET_COOKIE).is_none());
        let text = answer.text().await?;
        assert!(text.contains("Usuário ou senha incorretos."), "{text}");
        assert!(password.is_empty() || !text.contains(password), "{text}");
    }

    let mut viewer = Visitor::to(&web)?;
    let cookie = viewer.signs_in("ana").await?;
    for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "{cookie}");
    let text = viewer.asks(Method::GET, "/").send().await?.text().await?;
    assert!(text.contains("1 de 9 jobs falharam"), "{text}");
    assert!(text.contains("ana <button>Sair</button>"), "{text}");
    assert!(!text.contains("/requeue"), "{text}");
    for path in actions(&run) {
        let answer = viewer.sends(&path, "cause=", web.origin()).send().await?;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{path}");
        let text = answer.text().await?;
        assert!(text.contains("Só um operador pode fazer isso."), "{text}");
    }
    let plan = viewer.status(Method::GET, "/backfill?look=on").await?;
    assert_eq!(plan, StatusCode::FORBIDDEN, "a plan asks the ERP");
    let closes = viewer.asks(Method::GET, "/closes").send().await?;
    let closes = closes.text().await?;
    assert!(!closes.contains("/closes/new"), "a viewer reads: {closes}");
    let close = "/closes/new?month=2026-09&note=x";
    let close = viewer.status(Method::GET, close).await?;
    assert_eq!(close, StatusCode::FORBIDDEN);
    for path in ["/schedules", "/maintenance"] {
        let text = viewer.asks(Method::GET, path).send().await?.text().await?;
        let (_, content) = text.split_once("<main").context("a page")?;
        assert!(!content.contains("<form"), "a viewer reads: {content}");
        assert!(!content.contains("/prune"), "a viewer reads: {content}");
    }
    let cancel = format!("/runs/{run}/cancel");
    for path in ["/prune", "/schedules/nightly/remove", &cancel] {
        let status = viewer.status(Method::GET, path).await?;
        assert_eq!(status, StatusCode::FORBIDDEN, "{path}");
    }

    let mut operator = Visitor::to(&web)?;
    operator.signs_in("rui").await?;
    let path = format!("/runs/{run}/requeue");
    for origin in ["http://page.example", "null"] {
        let refused = operator.sends(&path, "cause=", origin).send().await?;
        assert_eq!(refused.status(), StatusCode::FORBIDDEN, "{origin}");
    }
    assert!(requeued().await?.is_empty());
    let answer = operator.sends(&path, "cause=", web.origin()).send().await?;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert_eq!(requeued().await?, ["rui@web"]);
    fleet.until("the run is done", ALL_DONE).await?;
    fleet.retire(worker).await?;

    let close = "month=2026-09&empreendimento_ids=1400&note=x&force=on";
    let answer = operator
        .sends("/closes", close, web.origin())
        .send()
        .await?;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert_eq!(answer.headers()[LOCATION], "/closes");
    let by = "SELECT by FROM sync_closes";
    let by: String = sqlx::query_scalar(by).fetch_one(&fleet.pool).await?;
    assert_eq!(by, "rui@web");
    let pause = operator.sends("/pause", "why=x", web.origin());
    let answer = pause.send().await?;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert_eq!(answer.headers()[LOCATION], "/maintenance");
    let by = "SELECT by FROM sync_actions WHERE what = 'pause'";
    let by: String = sqlx::query_scalar(by).fetch_one(&fleet.pool).await?;
    assert_eq!(by, "rui@web");

    let out = operator.sends("/logout", "", web.origin()).send().await?;
    assert_eq!(out.headers()[LOCATION], "/login");
    let status = operator.status(Method::GET, "/runs").await?;
    assert_eq!(status, StatusCode::SEE_OTHER, "the session has ended");
    assert_eq!(viewer.status(Method::GET, "/runs").await?, StatusCode::OK);
    web.stop().await?;
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_ins_are_bounded() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let hash = Web::hash(&fleet, PASSWORD).await?;
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), format!("ana:viewer:{hash}"))?;
    let users = ["--users", file.path().to_str().expect("a plain path")];
    let web = Web::with(&fleet, &users).await?;

    // As a proxy with TLS passes it on.
    let visitor = Visitor::to(&web)?;
    let form = format!("name=ana&password={PASSWORD}&next=//page.example");
    let encrypted = web.origin().replace("http:", "https:");
    let answer = visitor.sends("/login", &form, &encrypted).send().await?;
    assert_eq!(answer.headers()[LOCATION], "/");
    let cookie = answer.headers()[SET_COOKIE].to_str()?;
    assert!(cookie.ends_with("; Secure"), "{cookie}");

    let long = "x".repeat(100_000);
    let long = visitor.sends("/login", &long, web.origin()).send().await?;
    assert_eq!(long.status(), StatusCode::PAYLOAD_TOO_LARGE);

    let began = Instant::now();
    let mut statuses = BTreeMap::<u16, u32>::new();
    for _ in 0..1_000 {
        let wrong = visitor.sends("/login", "name=ana&password=x", web.origin());
        let answer = wrong.send().await?;
        if answer.status() == StatusCode::TOO_MANY_REQUESTS {
            assert_eq!(answer.headers()["retry-after"], "60");
        }
        *statuses.entry(answer.status().as_u16()).or_default() += 1;
    }
    let minutes = u32::try_from(began.elapsed().as_secs() / 60)?;
    let wrong = statuses[&401];
    assert!((10..=10 * (minutes + 1)).contains(&wrong), "{statuses:?}");
    assert_eq!(wrong + statuses[&429], 1_000, "{statuses:?}");
    web.stop().await?;
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trusted_proxy_says_who_it_is() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), "rui:operator:\n")?;
    let flags = ["--users", file.path().to_str().expect("a plain path")];
    let trusting = [&flags[..], &["--trusted-proxy", "127.0.0.0/8"]].concat();
    let web = Web::with(&fleet, &trusting).await?;
    let mut visitor = Visitor::to(&web)?;
    let retry = |visitor: &Visitor<'_>| visitor.sends("/sign-in/retry", "", web.origin()).send();
    assert_eq!(
        visitor.status(Method::GET, "/about").await?,
        StatusCode::SEE_OTHER
    );
    visitor.headers.insert("x-forwarded-user", "ana".parse()?);
    visitor.headers.insert("host", "fluxo.example".parse()?);
    assert_eq!(visitor.status(Method::GET, "/about").await?, StatusCode::OK);
    visitor.headers.remove("host");
    assert_eq!(retry(&visitor).await?.status(), StatusCode::FORBIDDEN);
    visitor.headers.insert("x-forwarded-user", "rui".parse()?);
    let refuse = "UPDATE sync_session SET refused_at = now(), refused_why = '401'";
    sqlx::query(refuse).execute(&fleet.pool).await?;
    assert_eq!(retry(&visitor).await?.status(), StatusCode::SEE_OTHER);
    let by = sqlx::query_scalar("SELECT by FROM sync_actions");
    let by: Vec<String> = by.fetch_all(&fleet.pool).await?;
    assert_eq!(by, ["rui@web"]);
    web.stop().await?;

    let elsewhere = [&flags[..], &["--trusted-proxy", "10.9.8.7"]].concat();
    let web = Web::with(&fleet, &elsewhere).await?;
    let mut visitor = Visitor::to(&web)?;
    visitor.headers.insert("x-forwarded-user", "rui".parse()?);
    assert_eq!(
        visitor.status(Method::GET, "/about").await?,
        StatusCode::SEE_OTHER
    );
    web.stop().await?;

    let told = refused(&fleet, &["--listen", "0.0.0.0:0"]).await?;
    assert!(
        told.contains("--listen 0.0.0.0:0") && told.contains("--users"),
        "{told}"
    );
    std::fs::write(file.path(), "rui:boss:\n")?;
    let told = refused(&fleet, &flags).await?;
    assert!(
        told.contains("line 1") && told.contains("viewer, operator"),
        "{told}"
    );
    fleet.remove().await
}

/// What it says where it does not start, for its settings are wrong.
async fn refused(fleet: &Fleet, flags: &[&str]) -> anyhow::Result<String> {
    let output = fleet.run("web", flags).await?;
    assert_eq!(output.status.code(), Some(2));
    Ok(String::from_utf8(output.stderr)?)
}
