//! Outages longer than the broker waits for an acknowledgement: nothing is held meanwhile, and nothing
//! is dead afterwards.

use std::time::Duration;

use lapin::options::QueueDeclareOptions;
use lapin::types::FieldTable;
use lapin::{Connection, ConnectionProperties};
use simulator::{Fault, FaultKind, Selector};
use tests::{Fleet, GOLDEN, OwnBroker, Proxy, difference, expected, wait};

use crate::{ALL_DONE, GOLDEN_ENQUEUE};

/// After which the broker closes a channel with something in hand.
const CONSUMER_TIMEOUT: Duration = Duration::from_secs(1);
/// How long each outage lasts once no consumer is left: many times that.
const OUTAGE: Duration = Duration::from_secs(8);

async fn fleet(broker: &OwnBroker) -> anyhow::Result<Fleet> {
    let mut fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    fleet.set("AMQP_URL", broker.url());
    fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
    Ok(fleet)
}

/// Waits until so many consume from the fleet's work queue.
async fn until_consumers(fleet: &Fleet, broker: &OwnBroker, wanted: u32) -> anyhow::Result<()> {
    let connection = Connection::connect(broker.url(), ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    wait::until(&format!("{wanted} consumers"), async || {
        let passive = QueueDeclareOptions::durable().passive();
        let name = fleet.work_queue();
        let queue = channel.queue_declare(name.into(), passive, FieldTable::default());
        Ok(queue.await?.consumer_count() == wanted)
    })
    .await
}

/// All is done, to the cent, and nothing is dead.
async fn assert_done(fleet: Fleet) -> anyhow::Result<()> {
    fleet.until("the run is done", ALL_DONE).await?;
    fleet.until_drained().await?;
    assert_eq!(fleet.depths().await?.dead, 0);
    assert_eq!(difference(&expected(), &fleet.tables().await?), [""; 0]);
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn no_outage_outlasts_the_broker_s_patience_with_a_job() -> anyhow::Result<()> {
    let broker = OwnBroker::impatient(CONSUMER_TIMEOUT).await?;
    the_erp_is_away(&broker).await?;
    the_sign_in_is_refused(&broker).await?;
    assert_eq!(broker.timeouts()?, 0, "nothing was held for too long");
    the_database_is_away(&broker).await
}

async fn the_erp_is_away(broker: &OwnBroker) -> anyhow::Result<()> {
    let fleet = fleet(broker).await?;
    let down = FaultKind::Status {
        code: 502,
        retry_after_seconds: None,
    };
    fleet.erp.fault(Fault::always(Selector::any(), down));
    let workers = [fleet.worker(&[])?, fleet.worker(&[])?];
    let deferred = "SELECT COUNT(*) > 0 FROM sync_jobs WHERE state = 'deferred'";
    fleet.until("a job is deferred", deferred).await?;
    until_consumers(&fleet, broker, 0).await?;
    tokio::time::sleep(OUTAGE).await;
    until_consumers(&fleet, broker, 0).await?;
    fleet.erp.clear_faults();
    let ended = assert_done(fleet).await;
    drop(workers);
    ended
}

async fn the_sign_in_is_refused(broker: &OwnBroker) -> anyhow::Result<()> {
    let fleet = fleet(broker).await?;
    // The producer's session is the fleet's: without it the first job signs in.
    fleet.erp.void_all_tokens();
    fleet.erp.refuse_sign_ins(true);
    let workers = [fleet.worker(&[])?, fleet.worker(&[])?];
    let refused = "SELECT refused_at IS NOT NULL FROM sync_session";
    fleet.until("the sign-in is refused", refused).await?;
    until_consumers(&fleet, broker, 0).await?;
    tokio::time::sleep(OUTAGE).await;
    assert_eq!(fleet.erp.counters().sign_ins_refused, 1);
    fleet.erp.refuse_sign_ins(false);
    fleet.producer_exits(0, &["signin", "--retry"]).await?;
    let ended = assert_done(fleet).await;
    drop(workers);
    ended
}

async fn the_database_is_away(broker: &OwnBroker) -> anyhow::Result<()> {
    let fleet = fleet(broker).await?;
    let url = fleet.variable("DATABASE_URL").expect("a fleet has one");
    let proxy = Proxy::to(&url, 5432).await?;
    let environment = [("DATABASE_URL", proxy.url())];
    let gate = Selector::route(simulator::Route::DadosContrato);
    fleet.erp.gate(gate);
    let workers = [
        fleet.worker_as("one", &[], &environment)?,
        fleet.worker_as("two", &[], &environment)?,
    ];
    let in_hand = "SELECT COUNT(DISTINCT worker) = 2 FROM sync_jobs WHERE state = 'running'";
    fleet.until("both have jobs in hand", in_hand).await?;
    proxy.down();
    fleet.erp.open_gates();
    until_consumers(&fleet, broker, 0).await?;
    tokio::time::sleep(OUTAGE).await;
    until_consumers(&fleet, broker, 0).await?;
    proxy.up();
    let ended = assert_done(fleet).await;
    drop(workers);
    ended
}
