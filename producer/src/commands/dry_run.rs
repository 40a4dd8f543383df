//! What the dry runs of several commands share.

use store::Untouched;

use crate::error::CommandError;

/// The result of a dry run, whose error names the reason where the database lacks a migration.
pub(super) async fn explained<T>(
    untouched: &Untouched,
    result: Result<T, CommandError>,
) -> Result<T, CommandError> {
    match result {
        Err(CommandError::Store(error)) => Err(untouched.explain(error).await.into()),
        other => other,
    }
}
