//! `explain`: where a target's figures come from, and what changed since the commit before.

use std::collections::BTreeMap;

use domain::job::{EmpreendimentoId, Target};
use domain::ledger::{AttemptRecord, RequeueRecord};
use domain::manifest::Manifest;
use domain::money::Amount;
use domain::month::Month;
use serde::Serialize;
use store::{Asking, PublishedRow};

use crate::checks::Checks;
use crate::cli::ExplainArgs;
use crate::console::Console;
use crate::exit::{CommandError, Exit};
use crate::{explain_text, rules, sums};

/// Attempts told at most.
const ATTEMPTS: u32 = 20;
/// Requeues told at most.
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
    /// The commit that wrote the figures: of several the newest. Absent before the first.
    pub commit: Option<AttemptRecord>,
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
}

/// A total of a manifest in two commits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// `contratos`, `records`, or a measure's `read` or `published` amount.
    pub what: String,
    /// In the commit before.
    pub before: String,
    /// In this commit.
    pub after: String,
    /// After less before.
    pub difference: String,
}

/// Explains the figures of a target.
///
/// # Errors
/// When the ledger does not know the empreendimento, or the database fails.
pub async fn explain(
    console: &mut Console<'_>,
    store: &dyn Asking,
    args: &ExplainArgs,
) -> Result<Exit, CommandError> {
    let explanation = gather(store, args).await?;
    if args.json {
        console.json(&explanation)?;
    } else {
        console.data(&explain_text::page(&explanation))?;
    }
    Ok(Exit::Done)
}

async fn gather(store: &dyn Asking, args: &ExplainArgs) -> Result<Explanation, CommandError> {
    let (target, nome) = named(store, args.empreendimento_id).await?;
    let figures = store.published_rows(target, args.month).await?;
    // Contratos have no month: they say nothing about which commit wrote the month asked about.
    let dated = figures.iter().filter(|row| row.ref_month.is_some());
    let writer = dated.filter_map(|row| row.generation).max();
    let commits = store
        .last_commits(target, writer.unwrap_or(i64::MAX))
        .await?;
    let mut commits = commits.into_iter();
    let (commit, previous) = (commits.next(), commits.next());
    let checks = match &commit {
        Some(commit) => store.checks_of_attempt(target, commit.generation).await?,
        None => Vec::new(),
    };
    let proof = |commit: &Option<AttemptRecord>| commit.as_ref()?.manifest.clone();
    let (now, before) = (proof(&commit), proof(&previous));
    Ok(Explanation {
        target,
        nome,
        month: args.month,
        rules: rules_of(&figures),
        figures,
        checks: Checks::of(checks),
        balances: now.as_ref().map(sums::balances).unwrap_or_default(),
        changes: before.zip(now).map(|(before, now)| changes(&before, &now)),
        commit,
        previous,
        attempts: store.attempts(target, ATTEMPTS).await?,
        requeues: store.requeues(target, REQUEUES).await?,
    })
}

async fn named(
    store: &dyn Asking,
    id: Option<EmpreendimentoId>,
) -> Result<(Target, String), CommandError> {
    let Some(id) = id else {
        return Ok((Target::SaidasCaixa, "cash out of all filiais".to_owned()));
    };
    let nome = store.empreendimento_nome(id).await?;
    let nome = nome.ok_or(CommandError::UnknownEmpreendimento(id))?;
    Ok((Target::Empreendimento(id), nome))
}

fn rules_of(
    figures: &[PublishedRow],
) -> BTreeMap<&'static str, BTreeMap<&'static str, &'static str>> {
    figures
        .iter()
        .map(|row| (row.table, rules::of(row.table).iter().copied().collect()))
        .collect()
}

fn changes(before: &Manifest, now: &Manifest) -> Vec<Change> {
    let count = |what: &str, before: u64, after: u64| Change {
        what: what.to_owned(),
        before: before.to_string(),
        after: after.to_string(),
        difference: format!("{:+}", i128::from(after) - i128::from(before)),
    };
    let mut changes = vec![
        count("contratos", before.contratos_listed, now.contratos_listed),
        count("records", before.records_read, now.records_read),
        count(
            "rejected",
            before.records_rejected(),
            now.records_rejected(),
        ),
    ];
    let mut measures: Vec<_> = before.balances.keys().chain(now.balances.keys()).collect();
    measures.sort();
    measures.dedup();
    for measure in measures {
        let of = |manifest: &Manifest| manifest.balances.get(measure).copied().unwrap_or_default();
        let (before, now) = (of(before), of(now));
        changes.push(amount(format!("{measure} read"), before.source, now.source));
        let published = format!("{measure} published");
        changes.push(amount(published, before.published, now.published));
    }
    changes
}

fn amount(what: String, before: Amount, after: Amount) -> Change {
    let difference = after - before;
    let sign = if difference.is_positive() { "+" } else { "" };
    Change {
        what,
        before: before.to_string(),
        after: after.to_string(),
        difference: format!("{sign}{difference}"),
    }
}

#[cfg(test)]
mod tests;
