//! `docs/MIGRATING.md`, command by command, beside the tables of the replaced system.

use std::process::Stdio;

use anyhow::{Context as _, ensure};
use serde_json::json;
use sqlx::PgPool;
use tests::{Fleet, GOLDEN, binary, create_old_tables};
use tokio::process::Command;

use crate::compare::AS_OURS;

const DOCUMENT: &str = include_str!("../../../docs/MIGRATING.md");

/// The names in the document's examples. The test has a database of its own, and its own role, which may
/// set what concerns itself alone, stands for the reports'.
const DATABASE: &str = "mega_sync";
const ROLE: &str = "starke_api";

/// What the old tables have of months before ours.
const HISTORY: &str = "
INSERT INTO entradas_caixa (empreendimento_id, empreendimento_nome, ref_month, category, forecast, actual, origem)
SELECT id, 'x', '2023-12', 'ativos', 100, 80.10, 'mega' FROM codes WHERE code = 1400";

/// Where the document is read, and what it has exported so far.
struct Walk<'a> {
    fleet: &'a Fleet,
    program: &'a str,
    role: String,
    exports: String,
}

impl Walk<'_> {
    /// Runs the commands of a part of the document, one after the other; each must succeed. Returns what
    /// they print.
    async fn part(&mut self, title: &str) -> anyhow::Result<String> {
        let heading = format!("\n## {title}\n");
        let (_, part) = DOCUMENT.split_once(&heading).context(heading)?;
        let part = part.split("\n## ").next().unwrap_or_default();
        let blocks = part.split("```sh\n").skip(1);
        let blocks = blocks.map(|block| block.split("```").next().unwrap_or_default());
        let mut told = String::new();
        for line in blocks.flat_map(str::lines) {
            if line.starts_with("export ") {
                self.exports += &format!("{line}; ");
            } else {
                told += &self.command(line).await?;
            }
        }
        ensure!(!told.is_empty(), "{title} has no command");
        Ok(told)
    }

    async fn command(&self, line: &str) -> anyhow::Result<String> {
        let own_name = self.fleet.queue();
        let line = line
            .replace("producer ", &format!("{} ", self.program))
            .replace(
                &format!("IN DATABASE {DATABASE} "),
                &format!("IN DATABASE {own_name} "),
            )
            .replace(ROLE, &self.role);
        let programs = binary(self.program)?;
        let programs = programs.parent().context("a folder")?.display().to_string();
        let path = format!("{programs}:{}", std::env::var("PATH")?);
        let output = Command::new("bash")
            .args(["-euc", &format!("{}{line}", self.exports)])
            .env_clear()
            .envs(self.fleet.environment())
            .env("PATH", path)
            .current_dir(self.fleet.folder())
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await?;
        let told = [output.stdout, output.stderr].concat();
        let told = String::from_utf8(told)?;
        ensure!(output.status.success(), "{line}: {}: {told}", output.status);
        Ok(told)
    }

    /// Cash in of the month before ours as the reports see it, and the id of its row.
    async fn december(&self) -> anyhow::Result<(i64, String)> {
        // Each time anew: a setting of the role is a new session's.
        let url = self.fleet.variable("DATABASE_URL").context("a database")?;
        let reports = PgPool::connect(&url).await?;
        let query = "SELECT min(id)::bigint, sum(actual)::numeric(18, 2)::text FROM entradas_caixa
                     WHERE ref_month = '2023-12' AND origem = 'mega'";
        let found = sqlx::query_as(query).fetch_one(&reports).await?;
        reports.close().await;
        Ok(found)
    }
}

async fn walk(program: &str) -> anyhow::Result<()> {
    let mut fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let series = "/dados/serie/bcdata.sgs.433/dados?formato=json";
    fleet.add("MEGA_SYNC_IPCA_URL", format!("{}{series}", fleet.erp.url()));
    let months = (2015..=2026).flat_map(|year| (1..=12).map(move |month| (year, month)));
    let index = |(year, month)| json!({"data": format!("01/{month:02}/{year}"), "valor": "0.50"});
    fleet.erp.set_ipca(months.map(index).collect());
    let old = fleet.in_path("public").await?;
    create_old_tables(&old, "timestamptz").await?;
    let url = reqwest::Url::parse(&fleet.variable("DATABASE_URL").context("a database")?)?;
    let mut walk = Walk {
        fleet: &fleet,
        program,
        role: url.username().to_owned(),
        exports: String::new(),
    };

    walk.part("1. Install beside").await?;
    let worker = match program {
        "producer" => {
            let schema = [("MEGA_SYNC_SCHEMA", "mega".to_owned())];
            Some(fleet.worker_as("worker", &[], &schema)?)
        }
        _ => None,
    };
    walk.part("2. Load").await?;
    // The old job has had the same answers.
    sqlx::raw_sql(AS_OURS).execute(&old).await?;
    sqlx::raw_sql(HISTORY).execute(&old).await?;
    let told = walk.part("3. Take over the history").await?;
    assert!(told.contains("1  entradas_caixa"), "{told}");
    let told = walk.part("4. Compare").await?;
    assert!(told.contains("nothing is unexplained"), "{told}");
    assert!(walk.december().await?.0 < 1_000_000_000);
    walk.part("5. Install the views").await?;
    walk.part("6. Switch").await?;
    let (id, actual) = walk.december().await?;
    assert!(id > 1_000_000_000, "{id} is of the old table");
    assert_eq!(actual, "80.10");
    walk.part("7. Go back").await?;
    assert!(walk.december().await?.0 < 1_000_000_000);

    if let Some(worker) = worker {
        fleet.retire(worker).await?;
    }
    old.close().await;
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fleet_migrates_as_the_document_says() -> anyhow::Result<()> {
    walk("producer").await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_process_migrates_as_the_document_says() -> anyhow::Result<()> {
    walk("mega-sync").await
}
