//! What the tests share.

mod db;
mod records;
mod schedules;
mod work;

pub use self::db::*;
pub use self::records::*;
pub use self::schedules::*;
pub use self::work::*;
