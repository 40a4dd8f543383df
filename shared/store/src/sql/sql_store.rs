//! The store over a database that speaks SQL.

use std::fmt;
use std::time::Duration;

use domain::store_error::StoreError;
use sqlx::pool::PoolConnection;
use sqlx::{Database, Pool, Transaction};

use super::dialect::Dialect;
use crate::error::Failure;

/// No call takes longer. PostgreSQL gives up a statement before that; this is for a connection
/// that went silent without an end.
const LONGEST_CALL: Duration = Duration::from_secs(120);

/// The store over a database that speaks SQL.
pub struct SqlStore<DB: Database> {
    pub(crate) pool: Pool<DB>,
}

impl<DB: Database> fmt::Debug for SqlStore<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The pool's own output would show its options.
        write!(f, "SqlStore({})", DB::NAME)
    }
}

impl<DB: Dialect> SqlStore<DB> {
    /// A connection, for statements that need no transaction.
    pub(super) async fn connection(&self) -> Result<PoolConnection<DB>, Failure> {
        Ok(self.pool.acquire().await?)
    }

    /// A transaction that will write; it is rolled back unless it is committed.
    pub(super) async fn begin(&self) -> Result<Transaction<'static, DB>, Failure> {
        Ok(self.pool.begin_with(DB::BEGIN).await?)
    }
}

/// Ends a call that takes too long.
pub(crate) async fn in_time<T>(
    call: impl Future<Output = Result<T, Failure>> + Send,
) -> Result<T, StoreError> {
    match tokio::time::timeout(LONGEST_CALL, call).await {
        Ok(answer) => Ok(answer?),
        Err(_elapsed) => Err(StoreError::Away(format!(
            "no answer within {} s",
            LONGEST_CALL.as_secs()
        ))),
    }
}
