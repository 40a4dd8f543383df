//! The bulk statements that each database has of its own.

use chrono::{DateTime, Utc};
use domain::job::EmpreendimentoId;
use domain::ledger::{Attempt, NewRun};
use domain::tables::{EmpreendimentoResult, SaidasCaixaResult};
use sqlx::Database;

use super::scope::Scope;
use crate::error::Failure;

/// Writes what a plan records.
pub trait WritesCatalogue: Database {
    /// Upserts filiais and empreendimentos; says nothing about their activity.
    fn write_catalogue(
        connection: &mut Self::Connection,
        run: &NewRun,
        now: DateTime<Utc>,
    ) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Inserts the run's jobs, those already there left as they are.
    fn write_jobs(
        connection: &mut Self::Connection,
        run: &NewRun,
    ) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// Writes an empreendimento's figures.
pub trait WritesEmpreendimento: Database {
    /// Replaces an empreendimento's rows as far as they are this commit's to write, in a fixed
    /// number of statements.
    fn write_empreendimento(
        connection: &mut Self::Connection,
        attempt: &Attempt,
        id: EmpreendimentoId,
        result: &EmpreendimentoResult,
        scope: &Scope,
        now: DateTime<Utc>,
    ) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// Writes payables and cash out.
pub trait WritesSaidasCaixa: Database {
    /// Replaces the faturas due in the run's window and the cash out of all faturas, in a fixed
    /// number of statements.
    fn write_saidas_caixa(
        connection: &mut Self::Connection,
        attempt: &Attempt,
        result: &SaidasCaixaResult,
        scope: &Scope,
        now: DateTime<Utc>,
    ) -> impl Future<Output = Result<(), Failure>> + Send;
}
