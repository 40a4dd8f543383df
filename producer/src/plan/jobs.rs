//! The jobs of a run, in the order to publish them.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use chrono::Days;
use domain::checks::Check;
use domain::job::{EmpreendimentoId, Payables, RunId, RunParams, Target};
use domain::ledger::{NewJob, NewRun};
use domain::tables::{Catalogue, EmpreendimentoRow};

use super::catalogue;
use super::error::PlanError;
use super::request::Request;
use crate::text::list;

/// A run about to be recorded.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Its parameters.
    pub params: RunParams,
    /// What to do, in the order to publish it; empty when everything was synced recently.
    pub jobs: Vec<NewJob>,
    /// What was left out because it was synced recently, by id.
    pub skipped: Vec<NewJob>,
    /// Whether the catalogue is plausible.
    pub check: Check,
    /// For how long the history of the figures is kept.
    pub history: Days,
    replace_newer: bool,
    urgent: bool,
    payables: Payables,
    catalogue: Catalogue,
}

impl Plan {
    /// The run to record under a name, asked for `by` somebody.
    pub fn into_run(self, id: RunId, by: String) -> NewRun {
        NewRun {
            id,
            params: self.params,
            filiais: self.catalogue.filiais,
            empreendimentos: self.catalogue.empreendimentos,
            jobs: self.jobs,
            checks: vec![self.check],
            replace_newer: self.replace_newer,
            urgent: self.urgent,
            payables: self.payables,
            by,
        }
    }
}

/// Decides what a run does.
///
/// The cash out comes first, then the empreendimentos never committed (their cost is unknown, so it
/// may be the largest), then the others by falling cost: the longest job is not to be the last one.
///
/// # Errors
/// When the catalogue is empty, lacks an empreendimento that was asked for, or lacks too many of
/// those with contratos, `known`, that the one before it listed.
pub fn plan(
    request: &Request,
    catalogue: Catalogue,
    recent: &HashSet<EmpreendimentoId>,
    costs: &HashMap<Target, u64>,
    known: &[EmpreendimentoId],
) -> Result<Plan, PlanError> {
    if catalogue.empreendimentos.is_empty() {
        return Err(PlanError::EmptyCatalogue);
    }
    let listed: HashSet<_> = catalogue.empreendimentos.iter().map(|row| row.id).collect();
    let check = catalogue::check(&listed, known, request.accept_change)?;
    let wanted = &request.empreendimentos;
    let unknown: Vec<_> = wanted
        .iter()
        .copied()
        .filter(|id| !listed.contains(id))
        .collect();
    if !unknown.is_empty() {
        return Err(PlanError::Unknown(unknown));
    }

    let selected = catalogue.empreendimentos.iter().filter(|row| {
        request.with_empreendimentos && (wanted.is_empty() || wanted.contains(&row.id))
    });
    let (mut skipped, mut todo): (Vec<_>, Vec<_>) =
        selected.partition(|row| recent.contains(&row.id));
    skipped.sort_by_key(|row| row.id);
    todo.sort_by_key(|row| {
        let cost = costs.get(&Target::Empreendimento(row.id)).copied();
        (cost.is_some(), Reverse(cost), row.id)
    });

    let payables = &request.payables;
    let saidas_caixa = request.with_cash_out.then(|| NewJob {
        target: Target::SaidasCaixa,
        nome: match payables.filiais.is_empty() {
            true => "saídas de caixa, all filiais".to_owned(),
            false => format!("saídas de caixa, filiais {}", list(&payables.filiais)),
        },
    });
    Ok(Plan {
        params: request.params,
        jobs: saidas_caixa
            .into_iter()
            .chain(todo.into_iter().map(job))
            .collect(),
        skipped: skipped.into_iter().map(job).collect(),
        check,
        history: request.history,
        replace_newer: request.replace_newer,
        urgent: request.urgent,
        payables: payables.clone(),
        catalogue,
    })
}

fn job(row: &EmpreendimentoRow) -> NewJob {
    NewJob {
        target: Target::Empreendimento(row.id),
        nome: row.nome.clone(),
    }
}
