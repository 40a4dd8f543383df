//! Whether the ERP's list of empreendimentos can be true.

use std::collections::HashSet;

use domain::checks::{Check, CheckName, CheckVerdict};
use domain::job::EmpreendimentoId;

use super::error::PlanError;

/// So many empreendimentos may always leave the catalogue at once; beyond, a tenth of them.
const MOST_GONE: usize = 2;

/// Compares the empreendimentos `listed` now with those with contratos, `known`, that the list
/// before had. A list that lost many of them is more likely wrong than right.
///
/// # Errors
/// When it lost too many and that is not `accepted`.
pub(super) fn check(
    listed: &HashSet<EmpreendimentoId>,
    known: &[EmpreendimentoId],
    accepted: bool,
) -> Result<Check, PlanError> {
    let name = CheckName::PlausibleCatalogue;
    let gone = |id: &&EmpreendimentoId| !listed.contains(id);
    let missing: Vec<_> = known.iter().filter(gone).copied().collect();
    let (count, known) = (missing.len(), known.len());
    let observed =
        format!("{count} of {known} empreendimentos with contratos are no longer listed");
    let implausible = count > MOST_GONE && count * 10 > known;
    let mut check = match (implausible, count) {
        (true, _) if !accepted => return Err(PlanError::CatalogueShrank { missing, known }),
        (_, 0) => Check::passed(name, observed),
        _ => Check::noted(name, observed),
    };
    if implausible {
        check.verdict = CheckVerdict::Accepted;
    }
    Ok(check.with_samples(missing))
}
