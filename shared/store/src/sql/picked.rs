//! The jobs of a run that a filter picks to be enqueued again.

use domain::job::{RunId, Target};
use domain::ledger::RequeueFilter;

use super::dialect::Dialect;
use super::statement::{Statement, statement};
use super::targets::listed;

/// The condition: failed, of the run $1, of the targets $2 if there are any, with the fingerprint $3
/// if there is one. A cancelled job is picked only where its target is named: who requeues what
/// failed does not mean it.
macro_rules! picked {
    () => {
        "run_id = $1 AND (state = 'failed' OR state = 'cancelled' AND $2 <> ',')
  AND ($2 = ',' OR $2 LIKE '%,' || target || ',%')
  AND ($3 = '' OR fingerprint = $3)"
    };
}

pub(super) use picked;

/// A statement with that condition, and its parameters.
pub fn on_picked<DB: Dialect>(
    text: &'static str,
    run: &RunId,
    filter: &RequeueFilter,
) -> Statement<DB> {
    let ids = filter.empreendimentos.iter().copied();
    let targets: Vec<_> = ids.map(Target::Empreendimento).collect();
    statement::<DB>(text)
        .bind(run.to_string())
        .bind(listed(&targets))
        .bind(filter.fingerprint.clone().unwrap_or_default())
}
