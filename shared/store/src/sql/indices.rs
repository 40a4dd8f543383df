//! Reading and loading the monthly indices.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::month::Month;
use domain::store_error::StoreError;
use rust_decimal::Decimal;
use sqlx::AssertSqlSafe;

use super::dialect::Dialect;
use super::row::row;
use super::sql_store::{SqlStore, in_time};
use super::statement::statement;
use crate::error::Failure;
use crate::indices::{Indices, IpcaChanges, IpcaLoad};

// As text, because not every database has a decimal to send.
const IPCA: &str = "
SELECT ref_month, CAST(percentual AS TEXT) AS percentual FROM ipca_mensal ORDER BY ref_month";

const WRITE: &str = "
INSERT INTO ipca_mensal (ref_month, percentual) VALUES ($1, {percentual})
ON CONFLICT (ref_month) DO UPDATE SET percentual = excluded.percentual";

const RECORD: &str =
    "INSERT INTO sync_ipca_loads (at, by, source, added, revised) VALUES ($1, $2, $3, $4, $5)";

const LAST: &str = "SELECT at, by, source FROM sync_ipca_loads ORDER BY at DESC LIMIT 1";

row! {
    /// A row of `ipca_mensal`.
    struct IpcaRow {
        ref_month: String,
        percentual: String,
    }
}

impl IpcaRow {
    fn into_index(self) -> Result<(Month, Decimal), Failure> {
        let (month, index) = (self.ref_month.parse().ok(), self.percentual.parse().ok());
        month.zip(index).ok_or_else(|| {
            Failure(StoreError::Refused(format!(
                "ipca_mensal: row {:?} is unreadable",
                self.ref_month
            )))
        })
    }
}

row! {
    /// A row of `sync_ipca_loads`.
    struct LoadRow {
        at: DateTime<Utc>,
        by: String,
        source: String,
    }
}

#[async_trait]
impl<DB: Dialect> Indices for SqlStore<DB> {
    async fn ipca(&self) -> Result<Vec<(Month, Decimal)>, StoreError> {
        in_time(async { indices::<DB>(&mut *self.connection().await?).await }).await
    }

    async fn load_ipca(
        &self,
        indices: &[(Month, Decimal)],
        load: &IpcaLoad,
    ) -> Result<IpcaChanges, StoreError> {
        in_time(async {
            let mut tx = self.begin().await?;
            let now = DB::now(&mut tx).await?;
            let held: BTreeMap<_, _> = self::indices::<DB>(&mut tx).await?.into_iter().collect();
            let mut changes = IpcaChanges::default();
            for (month, index) in indices.iter().copied() {
                match held.get(&month) {
                    Some(before) if *before == index => continue,
                    Some(before) => changes.revised.push((month, *before, index)),
                    None => changes.added.push(month),
                }
                let write = WRITE.replace("{percentual}", &DB::exact("$2"));
                statement::<DB>(AssertSqlSafe(write))
                    .bind(month.to_string())
                    .bind(index.to_string())
                    .execute(&mut tx)
                    .await?;
            }
            statement::<DB>(RECORD)
                .bind(now)
                .bind(load.by.clone())
                .bind(load.source.clone())
                .bind(changes.added.len() as i64)
                .bind(changes.revised.len() as i64)
                .execute(&mut tx)
                .await?;
            tx.commit().await?;
            Ok(changes)
        })
        .await
    }

    async fn last_ipca_load(&self) -> Result<Option<(DateTime<Utc>, IpcaLoad)>, StoreError> {
        in_time(async {
            let last: Option<LoadRow> = statement::<DB>(LAST)
                .fetch_optional(&mut *self.connection().await?)
                .await?;
            Ok(last.map(|LoadRow { at, by, source }| (at, IpcaLoad { source, by })))
        })
        .await
    }
}

async fn indices<DB: Dialect>(
    connection: &mut DB::Connection,
) -> Result<Vec<(Month, Decimal)>, Failure> {
    let rows: Vec<IpcaRow> = statement::<DB>(IPCA).fetch_all(connection).await?;
    rows.into_iter().map(IpcaRow::into_index).collect()
}
