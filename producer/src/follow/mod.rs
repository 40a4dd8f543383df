//! Following a run to its end, with its progress on a terminal or in lines.

mod run;
mod screen;
mod stuck;
mod throttle;
mod wait;

pub use self::run::{Ended, Followed, follow};
pub use self::screen::View;
pub use self::wait::wait;
