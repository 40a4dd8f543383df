//! Rows of either database, read by the names of their columns.

use super::dialect::Dialect;

/// What a statement's rows are read into.
pub trait Row: Sized {
    /// Reads each field from the column of its name.
    fn read<DB: Dialect>(row: &DB::Row) -> Result<Self, sqlx::Error>;
}

/// A row that is read as two.
impl<A: Row, B: Row> Row for (A, B) {
    fn read<DB: Dialect>(row: &DB::Row) -> Result<Self, sqlx::Error> {
        Ok((A::read::<DB>(row)?, B::read::<DB>(row)?))
    }
}

/// Declares a struct whose fields are a row's columns.
macro_rules! row {
    (
        $(#[$about:meta])*
        $visible:vis struct $name:ident {
            $($field_visible:vis $field:ident: $type:ty,)*
        }
    ) => {
        $(#[$about])*
        $visible struct $name {
            $($field_visible $field: $type,)*
        }

        impl $crate::sql::row::Row for $name {
            fn read<DB: $crate::sql::dialect::Dialect>(row: &DB::Row) -> Result<Self, sqlx::Error> {
                Ok(Self {
                    $($field: <DB as $crate::sql::values::Holds<$type>>::column(
                        row,
                        stringify!($field),
                    )?,)*
                })
            }
        }
    };
}

pub(crate) use row;
