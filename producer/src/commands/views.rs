//! `views`: what readers of the replaced system find instead of its tables.

use store::{Compat, Views};

use crate::cli::ViewsCommand;
use crate::console::Console;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::text::counted;

/// Installs, refreshes or drops the views.
///
/// # Errors
/// When a schema cannot be used, or the database fails.
pub async fn views(
    console: &mut Console<'_>,
    store: &dyn Compat,
    command: &ViewsCommand,
) -> Result<Exit, CommandError> {
    match command {
        ViewsCommand::Install(args) => {
            let views = Views {
                legacy: args.legacy_schema.clone(),
                into: args.into.clone(),
                grant: args.grant.clone(),
                floor_month: args.floor_month,
            };
            if args.dry_run {
                console.data(&store.views_as_sql(&views).await?)?;
                console.narrate("dry run: nothing was written");
                return Ok(Exit::Done);
            }
            store.install_views(&views, &console.who_asks()).await?;
            let (into, legacy) = (&args.into, &args.legacy_schema);
            console.data(&format!(
                "the views are in {into}, beside the tables of {legacy}\n"
            ))?;
            console.narrate(&format!(
                "give the readers' role this search path: {into}, {legacy}"
            ));
        }
        ViewsCommand::Refresh { into, freeze } => {
            let ids = store.refresh_views(into, *freeze).await?;
            let ids = counted(usize::try_from(ids).unwrap_or(usize::MAX), "code");
            let frozen = if *freeze {
                ", which no longer change"
            } else {
                ""
            };
            console.data(&format!("{ids} with ids of their own{frozen}\n"))?;
        }
        ViewsCommand::Drop { into } => {
            store.drop_views(into).await?;
            console.data(&format!(
                "schema {into} is dropped; the old tables are as they were\n"
            ))?;
        }
    }
    Ok(Exit::Done)
}
