//! Records of one run, for the tests of this crate.

use chrono::{DateTime, Utc};
use domain::checks::CheckRecord;
use domain::failure::{Cause, FailureClass};
use domain::job::{EmpreendimentoId, Payables, RunParams, Target};
use domain::ledger::{JobInHand, JobRecord, JobState, LivingWorker, Pause, RunRecord, WorkerId};
use domain::manifest::{Balance, Manifest, Tally};
use domain::money::Amount;
use domain::session::Refusal;

use crate::report::Summary;

pub(crate) fn at(time: &str) -> DateTime<Utc> {
    format!("2026-11-23T{time}Z").parse().unwrap()
}

pub(crate) fn run() -> RunRecord {
    RunRecord {
        id: "20261123-052000-abcdef".parse().unwrap(),
        params: RunParams {
            start_date: "2026-01-01".parse().unwrap(),
            end_date: "2026-11-22".parse().unwrap(),
            as_of: "2026-11-23".parse().unwrap(),
        },
        created_at: at("08:20:00"),
        replace_newer: false,
        urgent: false,
        payables: Payables::default(),
        by: Some("ana@escritorio".to_owned()),
        imported_from: None,
        schedule: None,
        planning: None,
    }
}

/// A published job in a state, with what that state implies.
pub(crate) fn job(code: i64, state: JobState) -> JobRecord {
    let began = state != JobState::Queued;
    JobRecord {
        target: Target::Empreendimento(EmpreendimentoId::try_from(code).unwrap()),
        nome: format!("Residencial {code}"),
        state,
        published_at: Some(at("08:20:01")),
        errors: 0,
        crashes: 0,
        deferrals: 0,
        cause: None,
        next_attempt_at: None,
        started_at: began.then(|| at("08:21:00")),
        finished_at: state.is_final().then(|| at("08:25:00")),
        worker: None,
        manifest: (state == JobState::Done).then(|| manifest(100)),
    }
}

pub(crate) fn because(mut job: JobRecord, class: FailureClass, message: &str) -> JobRecord {
    job.cause = Some(Cause {
        class,
        fingerprint: format!("{class}/{}", message.split(' ').next().unwrap()),
        message: message.to_owned(),
    });
    job
}

fn manifest(records: u64) -> Manifest {
    let tally = Tally {
        count: 1,
        amount: Amount::from_centavos(12_345),
    };
    Manifest {
        contratos_listed: 10,
        contratos_fetched: 10,
        records_read: records,
        records_counted: records - 1,
        rejected: [("data_baixa: not a date".to_owned(), tally)].into(),
        balances: [(
            "forecast".to_owned(),
            Balance {
                source: Amount::from_centavos(1_000_000),
                published: Amount::from_centavos(987_655),
                rejected: Amount::from_centavos(12_345),
                ..Balance::default()
            },
        )]
        .into(),
        ..Manifest::default()
    }
}

pub(crate) fn refusal() -> Refusal {
    Refusal {
        at: at("08:22:00"),
        why: "200 text/plain".to_owned(),
    }
}

pub(crate) fn pause() -> Pause {
    Pause {
        at: at("08:22:00"),
        until: Some(at("11:00:00")),
        by: "ana@escritorio".to_owned(),
        why: "maintenance of the ERP".to_owned(),
    }
}

pub(crate) fn summary(jobs: &[JobRecord], refused: bool) -> Summary {
    with_workers(jobs, refused, vec![])
}

pub(crate) fn with_workers(
    jobs: &[JobRecord],
    refused: bool,
    workers: Vec<LivingWorker>,
) -> Summary {
    let refused = refused.then(refusal);
    Summary::new(run(), jobs, workers, refused, at("08:30:00"))
}

/// A worker with some empreendimentos' jobs of the run in hand.
pub(crate) fn worker(name: &str, codes: &[i64]) -> LivingWorker {
    let in_hand = |code: &i64| JobInHand {
        run: run().id,
        target: job(*code, JobState::Running).target,
        nome: format!("Residencial {code}"),
        since: at("08:28:30"),
    };
    LivingWorker {
        id: WorkerId::named(name),
        started_at: at("08:00:00"),
        heartbeat_at: at("08:29:50"),
        jobs: codes.iter().map(in_hand).collect(),
    }
}

/// A recorded check of the empreendimento 1400.
pub(crate) fn check(name: &str, verdict: &str, samples: &[&str]) -> CheckRecord {
    CheckRecord {
        target: "1400".to_owned(),
        name: name.to_owned(),
        severity: "fails".to_owned(),
        verdict: verdict.to_owned(),
        expected: "something".to_owned(),
        observed: "something\u{1b}[2J else".to_owned(),
        subjects: Vec::new(),
        samples: samples.iter().map(|one| (*one).to_owned()).collect(),
    }
}
