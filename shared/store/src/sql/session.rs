//! The fleet's one session with the ERP: a row, and the lease to renew it.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::ledger::{Action, NewAction};
use domain::session::{Refusal, SessionState, SessionStore, Token};
use domain::store_error::StoreError;
use secrecy::{ExposeSecret as _, SecretString};

use super::actions;
use super::dialect::Dialect;
use super::row::row;
use super::sql_store::{SqlStore, in_time};
use super::statement::statement;

const SESSION: &str = "
SELECT version, access_token, expires_at, refresh_token, refresh_expires_at, refused_at, refused_why
FROM sync_session";

// Of two at once the second waits for the row, and then finds the first one's lease.
const BEGIN_RENEWAL: &str = "
UPDATE sync_session SET renewal_holder = $1, renewal_until = $3
WHERE version = $2 AND refused_at IS NULL AND (renewal_until IS NULL OR renewal_until <= $4)";

// Only from the holder: whoever outlived its lease must not overwrite its successor's token.
const RENEWED: &str = "
UPDATE sync_session
SET version = version + 1, access_token = $2, expires_at = $3, refresh_token = $4,
    refresh_expires_at = $5, renewal_holder = NULL, renewal_until = NULL
WHERE renewal_holder = $1";

// From anyone: one sign-in too many may lock the account.
const REFUSED: &str = "
UPDATE sync_session
SET refused_at = $1, refused_why = $2, renewal_holder = NULL, renewal_until = NULL";

const RENEWAL_FAILED: &str = "
UPDATE sync_session SET renewal_holder = NULL, renewal_until = NULL WHERE renewal_holder = $1";

const LIFT_REFUSAL: &str = "
UPDATE sync_session SET refused_at = NULL, refused_why = NULL WHERE refused_at IS NOT NULL";

row! {
    /// The row of `sync_session`.
    struct SessionRow {
        version: i64,
        access_token: Option<String>,
        expires_at: Option<DateTime<Utc>>,
        refresh_token: Option<String>,
        refresh_expires_at: Option<DateTime<Utc>>,
        refused_at: Option<DateTime<Utc>>,
        refused_why: Option<String>,
    }
}

impl From<SessionRow> for SessionState {
    fn from(row: SessionRow) -> Self {
        let token = row
            .access_token
            .zip(row.expires_at)
            .map(|(access, expires_at)| Token {
                access: access.into(),
                expires_at,
                refresh: row.refresh_token.map(SecretString::from),
                refresh_expires_at: row.refresh_expires_at,
            });
        Self {
            version: row.version,
            token,
            refused: row.refused_at.map(|at| Refusal {
                at,
                why: row.refused_why.unwrap_or_default(),
            }),
        }
    }
}

#[async_trait]
impl<DB: Dialect> SessionStore for SqlStore<DB> {
    async fn session(&self) -> Result<SessionState, StoreError> {
        in_time(async {
            let row: SessionRow = statement::<DB>(SESSION)
                .fetch_one(&mut *self.connection().await?)
                .await?;
            Ok(row.into())
        })
        .await
    }

    async fn begin_renewal(
        &self,
        holder: &str,
        seen_version: i64,
        lease: Duration,
    ) -> Result<bool, StoreError> {
        in_time(async {
            let mut connection = self.connection().await?;
            let now = DB::now(&mut connection).await?;
            let begun = statement::<DB>(BEGIN_RENEWAL)
                .bind(holder.to_owned())
                .bind(seen_version)
                .bind(now + lease)
                .bind(now)
                .execute(&mut connection)
                .await?;
            Ok(begun > 0)
        })
        .await
    }

    async fn renewed(&self, holder: &str, token: &Token) -> Result<(), StoreError> {
        let refresh = token.refresh.as_ref();
        in_time(async {
            statement::<DB>(RENEWED)
                .bind(holder.to_owned())
                .bind(token.access.expose_secret().to_owned())
                .bind(token.expires_at)
                .bind(refresh.map(|refresh| refresh.expose_secret().to_owned()))
                .bind(token.refresh_expires_at)
                .execute(&mut *self.connection().await?)
                .await?;
            Ok(())
        })
        .await
    }

    async fn refused(&self, _holder: &str, why: &str) -> Result<(), StoreError> {
        in_time(async {
            let mut connection = self.connection().await?;
            let now = DB::now(&mut connection).await?;
            statement::<DB>(REFUSED)
                .bind(now)
                .bind(why.to_owned())
                .execute(&mut connection)
                .await?;
            Ok(())
        })
        .await
    }

    async fn renewal_failed(&self, holder: &str) -> Result<(), StoreError> {
        in_time(async {
            statement::<DB>(RENEWAL_FAILED)
                .bind(holder.to_owned())
                .execute(&mut *self.connection().await?)
                .await?;
            Ok(())
        })
        .await
    }

    /// Lifts it and records who did in one transaction: of two at once one lifts, and is recorded.
    async fn lift_refusal(&self, by: &str) -> Result<bool, StoreError> {
        in_time(async {
            let mut tx = self.begin().await?;
            let lifted = statement::<DB>(LIFT_REFUSAL).execute(&mut tx).await?;
            if lifted > 0 {
                actions::record::<DB>(&mut tx, NewAction::new(Action::SigninRetry, by)).await?;
            }
            tx.commit().await?;
            Ok(lifted > 0)
        })
        .await
    }
}
