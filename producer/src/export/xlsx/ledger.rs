//! The last two sheets: what was checked of the figures, and who wrote them.

use std::collections::BTreeMap;

use domain::checks::{CheckName, CheckRecord, CheckVerdict};
use domain::job::{RunId, Target};
use domain::ledger::{AttemptRecord, JobRecord, RunRecord};
use domain::manifest::Balance;
use domain::money::Amount;
use rust_decimal::Decimal;
use rust_xlsxwriter::{Workbook, Worksheet, XlsxError};
use store::{Store, StoreError};

use super::formats::Formats;
use super::sheet::{Sheet, Value};
use crate::error::CommandError;
use crate::export::found::{Found, TargetFound};
use crate::export::request::View;
use crate::portuguese;
use crate::report::{adds_up, end_of_day};

/// The headings of the proofs, and their widths in characters.
const PROOFS: [(&str, f64); 13] = [
    ("Alvo", 14.0),
    ("Nome", 32.0),
    ("Execução", 24.0),
    ("Prova", 34.0),
    ("Veredito", 12.0),
    ("Esperado", 44.0),
    ("Observado", 44.0),
    ("Lido", 18.0),
    ("Publicado", 18.0),
    ("Não contado", 18.0),
    ("Fora da janela", 18.0),
    ("Rejeitado", 18.0),
    ("Sem mês", 18.0),
];

/// The headings of the provenance, and their widths in characters.
const PROVENANCE: [(&str, f64); 15] = [
    ("Execução", 24.0),
    ("Primeiro dia", 13.0),
    ("Último dia", 13.0),
    ("Data-base", 12.0),
    ("Criada em", 20.0),
    ("Importada de", 16.0),
    ("Alvo", 14.0),
    ("Nome", 32.0),
    ("Worker", 26.0),
    ("Começo", 20.0),
    ("Fim", 20.0),
    ("Tentativas com falha", 12.0),
    ("Registros lidos", 14.0),
    ("Registros rejeitados", 14.0),
    ("Valores nesta planilha", 14.0),
];

/// Writes the proofs of each target's last commit, and every commit that made a cell what it is.
///
/// # Errors
/// When the database fails, or there can be no temporary file.
pub async fn write(
    store: &dyn Store,
    workbook: &mut Workbook,
    formats: &Formats,
    view: View,
    found: &Found,
) -> Result<[Worksheet; 2], CommandError> {
    let mut proofs = Sheet::with_heads(workbook, formats, "Provas", PROOFS)?;
    for (target, of) in &found.targets {
        let Some(last) = last_commit(store, view, *target, of).await? else {
            continue;
        };
        let proof = Proof {
            target: *target,
            nome: &of.nome,
            run: &last.run,
        };
        let manifest = last.manifest.iter();
        for (measure, balance) in manifest.flat_map(|manifest| &manifest.balances) {
            proof.balance(&mut proofs, measure, balance)?;
        }
        let checks = store.checks_of_attempt(*target, last.generation).await?;
        for record in &checks {
            proof.check(&mut proofs, record)?;
        }
    }
    let mut provenance = Sheet::with_heads(workbook, formats, "Proveniência", PROVENANCE)?;
    for (id, targets) in &found.written {
        let run = store.run(Some(id)).await?;
        let jobs = store.jobs(id).await?.into_iter();
        // A run commits a target once, so its job tells of the commit.
        let jobs: BTreeMap<Target, JobRecord> = jobs.map(|job| (job.target, job)).collect();
        for (target, cells) in targets {
            let job = jobs.get(target);
            commit(&mut provenance, id, run.as_ref(), *target, job, *cells)?;
        }
    }
    Ok([
        ended(proofs, PROOFS.len())?,
        ended(provenance, PROVENANCE.len())?,
    ])
}

/// The last commit of a target in a view; of closed months, the one that made the newest figure so.
async fn last_commit(
    store: &dyn Store,
    view: View,
    target: Target,
    of: &TargetFound,
) -> Result<Option<AttemptRecord>, StoreError> {
    let is_in_view = |commit: &AttemptRecord| match view {
        View::Now(_) => true,
        View::EndOf(day) => commit.finished_at.is_some_and(|at| at <= end_of_day(day)),
        View::Closed => commit.run == of.run,
    };
    let mut until = i64::MAX;
    loop {
        let commits = store.last_commits(target, until).await?;
        let Some(oldest) = commits.last() else {
            return Ok(None);
        };
        until = oldest.generation - 1;
        if let Some(last) = commits.into_iter().find(is_in_view) {
            return Ok(Some(last));
        }
    }
}

fn ended(sheet: Sheet<'_>, columns: usize) -> Result<Worksheet, XlsxError> {
    let rows = sheet.rows();
    sheet.filtered(rows, u16::try_from(columns).unwrap_or(u16::MAX))
}

/// A line of the provenance; a run that took history over has no jobs.
fn commit(
    sheet: &mut Sheet<'_>,
    id: &RunId,
    run: Option<&RunRecord>,
    target: Target,
    job: Option<&JobRecord>,
    cells: u64,
) -> Result<(), XlsxError> {
    let imported = run.and_then(|run| run.imported_from.as_deref());
    let worker = job.and_then(|job| job.worker.as_ref());
    let manifest = job.and_then(|job| job.manifest.as_ref());
    sheet.line([
        Value::Text(id.as_str()),
        Value::day(run.map(|run| run.params.start_date)),
        Value::day(run.map(|run| run.params.end_date)),
        Value::day(run.map(|run| run.params.as_of)),
        Value::time(run.map(|run| run.created_at)),
        Value::Text(imported.unwrap_or_default()),
        called(target),
        Value::Text(job.map_or("", |job| job.nome.as_str())),
        Value::Text(worker.map_or("", |worker| worker.as_str())),
        Value::time(job.and_then(|job| job.started_at)),
        Value::time(job.and_then(|job| job.finished_at)),
        job.map_or(Value::Empty, |job| Value::Count(job.errors.into())),
        manifest.map_or(Value::Empty, |manifest| Value::Count(manifest.records_read)),
        manifest.map_or(Value::Empty, |manifest| {
            Value::Count(manifest.records_rejected())
        }),
        Value::Count(cells),
    ])
}

/// What the lines of a proof have in common.
struct Proof<'a> {
    target: Target,
    nome: &'a str,
    run: &'a RunId,
}

impl Proof<'_> {
    /// Where the amounts of a measure went.
    fn balance(
        &self,
        sheet: &mut Sheet<'_>,
        measure: &str,
        balance: &Balance,
    ) -> Result<(), XlsxError> {
        let name = format!("balanço de {measure}");
        sheet.line([
            called(self.target),
            Value::Text(self.nome),
            Value::Text(self.run.as_str()),
            Value::Text(&name),
            match adds_up(balance) {
                true => Value::Text("fecha"),
                false => Value::Warning("não fecha"),
            },
            Value::Text("lido = a soma das outras colunas"),
            Value::Empty,
            amount(balance.source),
            amount(balance.published),
            amount(balance.not_counted),
            amount(balance.outside_window),
            amount(balance.rejected),
            amount(balance.unplaced),
        ])
    }

    /// A check. What another version checked stays as it is.
    fn check(&self, sheet: &mut Sheet<'_>, record: &CheckRecord) -> Result<(), XlsxError> {
        let mut names = CheckName::ALL.iter();
        let name = names.find(|check| check.name() == record.name);
        let told = name.map(|name| portuguese::check(*name));
        let mut verdicts = CheckVerdict::ALL.iter();
        let verdict = verdicts.find(|verdict| verdict.name() == record.verdict);
        let verdict = verdict.map(|verdict| portuguese::verdict(*verdict));
        sheet.line([
            called(self.target),
            Value::Text(self.nome),
            Value::Text(self.run.as_str()),
            Value::Text(told.map_or(record.name.as_str(), |told| told.called)),
            Value::Text(verdict.unwrap_or(&record.verdict)),
            Value::Text(told.map_or(record.expected.as_str(), |told| told.expected)),
            Value::Text(&record.observed),
        ])
    }
}

fn called(target: Target) -> Value<'static> {
    match target {
        Target::Empreendimento(id) => Value::Code(id.get()),
        Target::SaidasCaixa => Value::Text("saídas de caixa"),
    }
}

/// An amount, shown in centavos. It has at most as many digits as a decimal.
fn amount(amount: Amount) -> Value<'static> {
    let number = amount.to_string().parse::<Decimal>();
    number.map_or(Value::Empty, |number| Value::Number(number, 2))
}
