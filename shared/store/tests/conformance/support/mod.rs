//! What the tests share.

mod db;
mod records;
mod work;

pub use self::db::*;
pub use self::records::*;
pub use self::work::*;
