//! The figures of a target, with their origin and with what changed since the commit before.

use std::collections::BTreeMap;

use domain::job::{EmpreendimentoId, Payables, Target};
use domain::ledger::{AttemptRecord, RequeueRecord};
use domain::month::Month;
use serde::Serialize;
use store::{Close, PublishedRow, Store, StoreError};

use super::balances::balances;
use super::changes::{Change, changes};
use super::checks::Checks;
use super::diff::{FigureChange, figures_of};
use super::rules::column_rules;
use crate::error::CommandError;

/// Attempts listed at most.
const ATTEMPTS: u32 = 20;
/// Requeues listed at most.
const REQUEUES: u32 = 20;

/// The output of `explain --json`, whose field names stay.
#[derive(Debug, Serialize)]
pub struct Explanation {
    /// What the figures are of.
    pub target: Target,
    /// What a person calls it.
    pub nome: String,
    /// The month asked about; absent for all.
    pub month: Option<Month>,
    /// The figures, each row with what wrote it.
    pub figures: Vec<PublishedRow>,
    /// The rule of each column, by table.
    pub rules: BTreeMap<&'static str, BTreeMap<&'static str, &'static str>>,
    /// The commit that wrote the figures: of several the newest. Absent before the first, and where
    /// all figures are imported.
    pub commit: Option<AttemptRecord>,
    /// What the run of that commit does about payables; absent for an empreendimento.
    pub payables: Option<Payables>,
    /// What was checked before that commit.
    pub checks: Checks,
    /// Whether that commit's amounts add up, by measure.
    pub balances: BTreeMap<String, bool>,
    /// The target's commit before that one, by another run.
    pub previous: Option<AttemptRecord>,
    /// What differs between the two; absent when there are not two.
    pub changes: Option<Vec<Change>>,
    /// The target's newest attempts, the newest first.
    pub attempts: Vec<AttemptRecord>,
    /// The target's newest requeues, the newest first.
    pub requeues: Vec<RequeueRecord>,
    /// The closes of the month, or of any, that stand and include the target.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub closes: Vec<Close>,
    /// Figures that are not as they were signed off; before is what was.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub after_close: Vec<FigureChange>,
}

/// Gathers the figures of an empreendimento, or without one of the cash out, for one month or all.
///
/// # Errors
/// When the ledger does not know the empreendimento, or the database fails.
pub async fn explanation(
    store: &dyn Store,
    empreendimento: Option<EmpreendimentoId>,
    month: Option<Month>,
) -> Result<Explanation, CommandError> {
    let (target, nome) = named(store, empreendimento).await?;
    let figures = store.published_rows(target, month).await?;
    // Contratos have no month, so their commit may be another than that of the month asked about.
    let dated = figures.iter().filter(|row| row.ref_month.is_some());
    let writer = dated.filter_map(|row| row.generation).max();
    let commits = match imported(&figures) {
        true => Vec::new(),
        false => {
            let until = writer.unwrap_or(i64::MAX);
            store.last_commits(target, until).await?
        }
    };
    let mut commits = commits.into_iter();
    let (commit, previous) = (commits.next(), commits.next());
    let checks = match &commit {
        Some(commit) => store.checks_of_attempt(target, commit.generation).await?,
        None => Vec::new(),
    };
    let payables = match (&commit, target) {
        (Some(commit), Target::SaidasCaixa) => store.run(Some(&commit.run)).await?,
        _ => None,
    };
    let manifest = |commit: &Option<AttemptRecord>| commit.as_ref()?.manifest.clone();
    let (now, before) = (manifest(&commit), manifest(&previous));
    Ok(Explanation {
        target,
        nome,
        month,
        rules: rules_of(&figures),
        figures,
        payables: payables.map(|run| run.payables),
        checks: Checks::of(checks),
        balances: now.as_ref().map(balances).unwrap_or_default(),
        changes: before.zip(now).map(|(before, now)| changes(&before, &now)),
        commit,
        previous,
        attempts: store.attempts(target, ATTEMPTS).await?,
        requeues: store.requeues(target, REQUEUES).await?,
        after_close: after_close(store, target, month).await?,
        closes: closes(store, target, month).await?,
    })
}

/// The closes of a month, or of any, that stand and include a target.
async fn closes(
    store: &dyn Store,
    target: Target,
    month: Option<Month>,
) -> Result<Vec<Close>, StoreError> {
    let includes = |close: &Close| match target {
        Target::Empreendimento(id) => {
            close.empreendimentos.is_empty() || close.empreendimentos.contains(&id)
        }
        Target::SaidasCaixa => close.empreendimentos.is_empty(),
    };
    let mut closes = store.closes().await?;
    closes.retain(|close| {
        close.reopened.is_none()
            && month.is_none_or(|month| month == close.month)
            && includes(close)
    });
    Ok(closes)
}

async fn after_close(
    store: &dyn Store,
    target: Target,
    month: Option<Month>,
) -> Result<Vec<FigureChange>, StoreError> {
    let changes = store.since_close(month).await?;
    let mut figures: Vec<_> = changes.iter().flat_map(figures_of).collect();
    figures.retain(|figure| figure.target() == Some(target));
    Ok(figures)
}

/// Whether the figures, those of contratos aside, are all imported, and so no commit's.
pub(crate) fn imported(figures: &[PublishedRow]) -> bool {
    let mut dated = figures
        .iter()
        .filter(|row| row.ref_month.is_some())
        .peekable();
    dated.peek().is_some() && dated.all(|row| row.imported_from.is_some())
}

pub(super) async fn named(
    store: &dyn Store,
    id: Option<EmpreendimentoId>,
) -> Result<(Target, String), CommandError> {
    let Some(id) = id else {
        return Ok((Target::SaidasCaixa, "cash out of all filiais".to_owned()));
    };
    let nome = store.empreendimento_nome(id).await?;
    let nome = nome.ok_or(CommandError::UnknownEmpreendimento(id))?;
    Ok((Target::Empreendimento(id), nome))
}

pub(crate) fn rules_of(
    figures: &[PublishedRow],
) -> BTreeMap<&'static str, BTreeMap<&'static str, &'static str>> {
    figures
        .iter()
        .map(|row| (row.table, column_rules(row.table).iter().copied().collect()))
        .collect()
}
