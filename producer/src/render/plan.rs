//! The plan of a run, as `--dry-run` prints it.

use std::fmt::Write as _;

use domain::ledger::NewJob;

use crate::plan::Plan;
use crate::text::{counted, printable, window};

/// The window of a plan and its jobs; ends with a line end.
pub(crate) fn plan(plan: &Plan) -> String {
    let window = window(&plan.params);
    let mut text = format!("{} over {window}\n", counted(plan.jobs.len(), "job"));
    jobs(&mut text, &plan.jobs);
    if !plan.skipped.is_empty() {
        _ = writeln!(text, "{} synced recently, skipped", plan.skipped.len());
        jobs(&mut text, &plan.skipped);
    }
    text
}

fn jobs(text: &mut String, jobs: &[NewJob]) {
    for job in jobs {
        let target = job.target.to_string();
        _ = writeln!(text, "  {target:<12}  {}", printable(&job.nome));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashMap, HashSet};

    use domain::job::{FilialId, Payables};
    use domain::tables::{Catalogue, EmpreendimentoRow};

    use crate::fixtures::run;
    use crate::plan::{self, Request};

    #[test]
    fn the_plan_that_a_dry_run_prints() {
        let empreendimento = |(code, nome): (i64, &str)| EmpreendimentoRow {
            id: code.try_into().unwrap(),
            nome: nome.to_owned(),
            filial_id: FilialId::try_from(7).unwrap(),
            centro_custo_id: None,
        };
        let names = [
            (1471, "Residencial \u{1b}[2J"),
            (1472, "Três"),
            (1480, "Um"),
        ];
        let catalogue = Catalogue {
            empreendimentos: names.map(empreendimento).into(),
            filiais: vec![],
        };
        let request = Request {
            params: run().params,
            empreendimentos: BTreeSet::new(),
            with_empreendimentos: true,
            with_cash_out: true,
            payables: Payables::default(),
            skip: None,
            accept_change: false,
            replace_newer: false,
            urgent: false,
            history: chrono::Days::new(400),
        };
        let recent = HashSet::from([1480.try_into().unwrap()]);
        let planned = plan::plan(&request, catalogue, &recent, &HashMap::new(), &[]).unwrap();
        insta::assert_snapshot!(super::plan(&planned));
    }
}
