//! The page in a real browser: what a reader sees, clicks and types, on real processes, PostgreSQL and
//! RabbitMQ.

mod figures;
mod history;
mod keyboard;
mod language;
mod morning;
mod night;
mod screens;
mod sign_in;
mod without_script;

use tests::browser::Browser;
use tests::{ALL_DONE, Fleet, GOLDEN, GOLDEN_BACKFILL, Web, garble_a_contrato, wait};

/// The morning after a run in which one contrato of empreendimento 1406 could not be read.
struct Morning {
    fleet: Fleet,
    web: Web,
    run: String,
}

impl Morning {
    async fn new() -> anyhow::Result<Self> {
        let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
        let web = Web::of(&fleet).await?;
        garble_a_contrato(&fleet.erp);
        let worker = fleet.worker(&[])?;
        fleet.producer_exits(3, &GOLDEN_BACKFILL).await?;
        fleet.retire(worker).await?;
        fleet.erp.clear_overrides();
        let run = sqlx::query_scalar("SELECT id FROM sync_runs")
            .fetch_one(&fleet.pool)
            .await?;
        Ok(Self { fleet, web, run })
    }

    /// How many jobs stand failed in the ledger.
    async fn failed(&self) -> anyhow::Result<i64> {
        let query = "SELECT COUNT(*) FROM sync_jobs WHERE state = 'failed'";
        Ok(sqlx::query_scalar(query)
            .fetch_one(&self.fleet.pool)
            .await?)
    }

    /// Starts a worker, waits until it has done what was requeued, and sees it in the browser.
    async fn is_completed(&self, browser: &Browser) -> anyhow::Result<()> {
        let worker = self.fleet.worker(&[])?;
        let complete = "A execução está completa: 9 de 9 jobs feitos.";
        let seen = wait::until("the page shows the run complete", async || {
            browser.reload().await?;
            Ok(browser.text().await?.contains(complete))
        });
        seen.await?;
        self.fleet.until("the run is done", ALL_DONE).await?;
        self.fleet.retire(worker).await
    }

    async fn end(self) -> anyhow::Result<()> {
        self.web.stop().await?;
        self.fleet.remove().await
    }

    /// Every screen, and what stands on it in Portuguese and in English.
    fn screens(&self) -> Vec<(String, [&'static str; 2])> {
        let of_run = format!("/runs/{}", self.run);
        [
            (
                "/",
                [
                    "A execução terminou com falhas",
                    "The run finished with failures",
                ],
            ),
            ("/runs", ["Execuções", "Runs"]),
            (
                &of_run,
                ["O que falta, e por quê", "What is missing, and why"],
            ),
            (
                &format!("{of_run}/requeue"),
                [
                    "Jobs que voltam para a fila: 1",
                    "Jobs that go back to the queue: 1",
                ],
            ),
            (
                &format!("{of_run}/cancel"),
                ["Nenhum job está em aberto.", "No job is open."],
            ),
            (
                "/backfill?look=on",
                ["Nada foi gravado ainda.", "Nothing is written yet."],
            ),
            (
                "/figures?until=2026-11",
                ["falhou na última execução", "failed in the newest run"],
            ),
            ("/figures/1400", ["mais de 180 dias", "over 180 days"]),
            ("/figures/1400/2026-09", ["Gravado por", "Written by"]),
            (
                "/figures/1400/2026-09/contratos",
                ["Valores sem arredondar", "Amounts unrounded"],
            ),
            (
                "/figures/1400?as_of=2000-01-01",
                [
                    "Naquele dia não havia valores.",
                    "There were no figures on that day.",
                ],
            ),
            (
                "/figures/1400/2026-09?as_of=2099-12-31",
                [
                    "Não são os valores de agora: assim estavam no fim de 31/12/2099.",
                    "These are not today's figures: so they stood at the end of 2099-12-31.",
                ],
            ),
            ("/cash-out?month=2026-09", ["Orçamento", "Budget"]),
            (
                "/changes?from=2000-01-01",
                ["As maiores diferenças", "The largest differences"],
            ),
            (
                "/changes?since=close",
                [
                    "Dos meses como foram fechados",
                    "From the months as they were closed",
                ],
            ),
            (
                "/closes",
                ["Nenhum mês está fechado.", "No month is closed."],
            ),
            (
                "/closes/new?month=2026-11&note=x",
                ["O que impede o fechamento", "What speaks against it"],
            ),
            (
                "/schedules",
                ["Nada está agendado.", "Nothing is scheduled."],
            ),
            (
                "/maintenance",
                ["Nenhum aviso foi enviado.", "No notification was sent."],
            ),
            (
                "/prune",
                ["Nada é antigo o bastante.", "Nothing is old enough."],
            ),
            ("/about", ["Copia os dados", "Copies cash flow data"]),
            ("/documents/OPERATIONS.md", ["Operations", "Operations"]),
            (
                "/documents/README.pt-BR.md",
                ["mega-sync copia", "mega-sync copia"],
            ),
            (
                "/nothing",
                [
                    "Não há nada neste endereço.",
                    "There is nothing at this address.",
                ],
            ),
        ]
        .map(|(path, shows)| (path.to_owned(), shows))
        .into()
    }
}
