//! What a run looks like while it is followed: drawn on a terminal, lines elsewhere.

use std::io;

use chrono::Utc;
use console::Term;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::time::Instant;

use super::throttle::Throttle;
use crate::console::Console;
use crate::render::{self, Frame, watch};
use crate::report::Summary;

/// What a terminal shows while a run is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// A progress bar below the earlier output.
    Bar,
    /// The whole terminal: the run, its workers, its failures.
    FullScreen,
}

/// Where the progress of a run is shown.
pub(super) enum Screen<'c, 'a> {
    Bar(ProgressBar),
    Terminal(Term),
    Lines {
        console: &'c mut Console<'a>,
        throttle: Throttle,
    },
}

impl<'c, 'a> Screen<'c, 'a> {
    pub(super) fn new(console: &'c mut Console<'a>, view: View) -> Self {
        match view {
            View::Bar if console.is_terminal() => {
                let template = "{wide_bar} {pos}/{len}\n{msg}";
                let style = ProgressStyle::with_template(template).expect("a valid template");
                let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
                bar.set_style(style);
                Self::Bar(bar)
            }
            View::FullScreen if console.is_interactive() => {
                let term = Term::buffered_stderr();
                // Here and below a failure is ignored: then there is no terminal.
                _ = term.clear_screen();
                Self::Terminal(term)
            }
            View::Bar | View::FullScreen => {
                let throttle = Throttle::default();
                Self::Lines { console, throttle }
            }
        }
    }

    /// Shows the state of the run.
    pub(super) fn show(&mut self, summary: &Summary) {
        match self {
            Self::Bar(bar) => {
                bar.set_length(summary.total as u64);
                bar.set_position(summary.ended() as u64);
                bar.set_message(render::progress(summary));
            }
            Self::Terminal(term) => _ = paint(term, summary),
            Self::Lines { console, throttle } => {
                if let Some(line) = throttle.next(render::progress(summary), Instant::now()) {
                    console.narrate(&line);
                }
            }
        }
    }

    /// Removes what was drawn; lines stay.
    pub(super) fn clear(&self) {
        match self {
            Self::Bar(bar) => bar.finish_and_clear(),
            Self::Terminal(term) => _ = term.clear_screen().and_then(|()| term.flush()),
            Self::Lines { .. } => {}
        }
    }
}

/// Draws over the earlier picture from the top, whatever the size of the terminal now. It changes
/// no mode of the terminal, so that there is none to restore after a kill.
fn paint(term: &Term, summary: &Summary) -> io::Result<()> {
    let (rows, columns) = term.size();
    let frame = Frame {
        // The cursor rests on the last row.
        rows: usize::from(rows).saturating_sub(1),
        columns: columns.into(),
        coloured: console::colors_enabled_stderr(),
    };
    term.move_cursor_to(0, 0)?;
    for line in watch(summary, Utc::now(), frame) {
        term.clear_line()?;
        term.write_line(&line)?;
    }
    term.clear_to_end_of_screen()?;
    term.flush()
}
