//! The concurrency limit of the calls to the ERP, for all jobs of the process.

mod in_flight;
mod load;
mod permit;
mod rules;
#[cfg(test)]
mod tests;

pub(super) use self::permit::ConcurrencyLimit;
pub(super) use self::rules::CallOutcome;
