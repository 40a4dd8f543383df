//! End to end: real processes, the real PostgreSQL and RabbitMQ, a simulated ERP.

mod answers;
mod by_filial;
mod compare;
mod compat;
mod doctor;
mod dry_run;
mod erp_away;
mod failures;
mod golden;
mod history;
mod implausible;
mod indices;
mod interruptions;
mod lies;
mod manual;
mod metrics;
mod migrating;
mod newer_stays;
mod older_worker;
mod on_both;
mod outages;
mod panics;
mod retry_after;
mod second_state;
mod serve;
mod sharing;
mod standalone;
mod stopping;
mod tenants;
mod tls;
mod web;
mod web_backfill;
mod web_figures;
mod web_live;
mod web_sign_in;

use tests::{ALL_DONE, GOLDEN_BACKFILL, GOLDEN_ENQUEUE};
