//! `close`, `reopen` and `closes`: months that are signed off.

use store::{Close, NewClose, Store};

use crate::cli::{CloseArgs, ClosesArgs, ReopenArgs};
use crate::console::Console;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::render;
use crate::report::{ListedClose, obstacles};

/// Keeps what the tables hold of a month as signed off.
///
/// # Errors
/// When the month cannot be signed off yet and is not forced, a part of it is closed already, or the
/// database fails.
pub async fn close(
    console: &mut Console<'_>,
    store: &dyn Store,
    args: &CloseArgs,
) -> Result<Exit, CommandError> {
    for id in &args.empreendimento_ids {
        if store.empreendimento_nome(*id).await?.is_none() {
            return Err(CommandError::UnknownEmpreendimento(*id));
        }
    }
    let why = obstacles(store, args.month, &args.empreendimento_ids).await?;
    if !why.is_empty() && !args.force {
        return Err(CommandError::NotReady {
            month: args.month,
            why: why.iter().map(ToString::to_string).collect(),
        });
    }
    let close = NewClose {
        month: args.month,
        empreendimentos: args.empreendimento_ids.clone(),
        by: console.who_asks(),
        note: args.note.clone(),
        forced: !why.is_empty(),
    };
    let Close {
        month,
        cells,
        digest,
        ..
    } = store.close(&close).await?;
    console.narrate(&format!("{month} is closed: {cells} rows, digest {digest}"));
    for why in why {
        console.narrate(&format!("closed although {why}"));
    }
    Ok(Exit::Done)
}

/// Ends the closes of a month.
///
/// # Errors
/// When the month is not closed, or the database fails.
pub async fn reopen(
    console: &mut Console<'_>,
    store: &dyn Store,
    args: &ReopenArgs,
) -> Result<Exit, CommandError> {
    let month = args.month;
    match store.reopen(month, &console.who_asks(), &args.note).await? {
        0 => Err(CommandError::NotClosed(month)),
        _ => {
            console.narrate(&format!(
                "{month} is open again; what was signed off stays on record"
            ));
            Ok(Exit::Done)
        }
    }
}

/// Lists the closes.
///
/// # Errors
/// When the database fails.
pub async fn closes(
    console: &mut Console<'_>,
    store: &dyn Store,
    args: &ClosesArgs,
) -> Result<Exit, CommandError> {
    let closes = ListedClose::all(store, args.verify).await?;
    match args.json {
        true => console.json(&closes)?,
        false => console.data(&render::closes(&closes))?,
    }
    match closes.iter().any(|one| one.verified == Some(false)) {
        true => Ok(Exit::Decide),
        false => Ok(Exit::Done),
    }
}
