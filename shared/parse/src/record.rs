//! One record of a list: read, or rejected with its reason.

use super::fields::Fields;
use super::problem::Problem;
use domain::records::{Record, Rejection};

/// One record, read by `read`, or rejected with the fields of index `code` and `amount`.
pub(super) fn record<'a, T, const N: usize>(
    fields: Option<Fields<'a, N>>,
    code: usize,
    amount: usize,
    read: impl FnOnce(&Fields<'a, N>) -> Result<T, Problem>,
) -> Record<T> {
    let Some(fields) = fields else {
        return Record::Rejected(not_an_object());
    };
    match read(&fields) {
        Ok(value) => Record::Read(value),
        Err(problem) => Record::Rejected(Rejection {
            code: fields.get(code).and_then(|field| field.code()).ok(),
            reason: problem.to_string(),
            amount: fields.get(amount).and_then(|field| field.amount()).ok(),
        }),
    }
}

/// The rejection of an element that is no object.
pub(super) fn not_an_object() -> Rejection {
    Rejection {
        code: None,
        reason: Problem::new("record", "not an object").to_string(),
        amount: None,
    }
}
