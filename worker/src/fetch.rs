//! An empreendimento's contratos, then their parcelas in parallel, folded as they arrive.

use std::time::Duration;

use domain::checks::Check;
use domain::job::{EmpreendimentoId, RunParams};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use mega::MegaClient;

use crate::error::JobError;
use crate::metrics;
use fold::{ContratoFold, EmpreendimentoFold, Folded, Ipca};

/// Fetches and folds one empreendimento.
///
/// As many calls are asked for at once as the whole fleet may make, so that one empreendimento can
/// use all of them; those without a permit wait without a body. Each answer is folded and
/// dropped as it arrives, so memory grows neither with the number of contratos nor with that of the
/// jobs, only with the calls in flight. The first call that fails for good ends the rest.
///
/// # Errors
/// When any call failed for good, a contrato cannot be read, none of its parcelas can, or all calls
/// together cannot be made within `deadline`.
pub async fn empreendimento(
    mega: &MegaClient,
    id: EmpreendimentoId,
    params: RunParams,
    ipca: Ipca,
    deadline: Option<Duration>,
) -> Result<Folded, JobError> {
    let mut fold = EmpreendimentoFold::new(params, ipca);
    let listed = mega.contratos(id).await;
    fold.list(listed.map_err(|source| JobError::Mega {
        contrato: None,
        source,
    })?)
    .map_err(failed)?;

    let empty = fold.contrato_fold();
    let contratos = fold.to_fetch();
    let (count, least) = (contratos.len(), mega.least_time(contratos.len()));
    if let Some(deadline) = deadline.filter(|deadline| least > *deadline) {
        return Err(JobError::CannotFit {
            contratos: count,
            calls: mega.total(),
            least,
            deadline,
        });
    }
    let mut answers = stream::iter(contratos)
        .map(async |contrato| {
            let answer = mega
                .parcelas(contrato, || empty.clone(), ContratoFold::add)
                .await;
            answer
                .map(|parcelas| (contrato, parcelas))
                .map_err(|source| JobError::Mega {
                    contrato: Some(contrato),
                    source,
                })
        })
        .buffer_unordered(mega.total());
    while let Some((contrato, parcelas)) = answers.try_next().await? {
        metrics::parcelas(parcelas.read());
        fold.add(contrato, parcelas).map_err(failed)?;
    }
    Ok(fold.finish())
}

/// A check that fails the job before the rest could be made.
fn failed(check: Check) -> JobError {
    JobError::Checks(vec![check])
}

#[cfg(test)]
mod tests;
