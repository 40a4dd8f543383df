//! The months that were signed off.

use std::fmt::Write as _;

use crate::report::ListedClose;
use crate::text::{counted, list, local, printable};

/// The whole list; ends with a line end.
pub(crate) fn closes(closes: &[ListedClose]) -> String {
    let mut text = String::new();
    if closes.is_empty() {
        text.push_str("no month is closed\n");
    }
    for listed in closes {
        let close = &listed.close;
        let of = match close.empreendimentos.is_empty() {
            true => String::new(),
            false => format!(" of {}", list(&close.empreendimentos)),
        };
        let forced = if close.forced { ", forced" } else { "" };
        _ = writeln!(
            text,
            "{}{of}  closed {} by {}{forced}: {}",
            close.month,
            local(close.at),
            printable(&close.by),
            printable(&close.note)
        );
        let rows = counted(usize::try_from(close.cells).unwrap_or(usize::MAX), "row");
        let verified = match listed.verified {
            None => "",
            Some(true) => ", verified",
            Some(false) => ", NOT what the rows that are kept give",
        };
        _ = writeln!(text, "    {rows}, digest {}{verified}", close.digest);
        if let Some(moved @ 1..) = listed.moved {
            let rows = counted(moved, "row");
            _ = writeln!(
                text,
                "    after close: {rows} differ now: diff --since-close --month {}",
                close.month
            );
        }
        if let Some(reopened) = &close.reopened {
            _ = writeln!(
                text,
                "    reopened {} by {}: {}",
                local(reopened.at),
                printable(&reopened.by),
                printable(&reopened.note)
            );
        }
    }
    text
}
