//! Words that every text shares: counts, times, windows, lists, and text from elsewhere made safe.

use std::fmt::Display;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::America::Sao_Paulo;
use domain::job::RunParams;

/// So many of a thing: `1 job`, `2 jobs`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// Items with commas between them.
pub(crate) fn list(items: impl IntoIterator<Item = impl Display>) -> String {
    let items: Vec<_> = items.into_iter().map(|item| item.to_string()).collect();
    items.join(", ")
}

/// The day of a moment in São Paulo.
pub fn day_of(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&Sao_Paulo).date_naive()
}

/// A moment as the operators' clocks show it.
pub(crate) fn local(at: DateTime<Utc>) -> String {
    at.with_timezone(&Sao_Paulo)
        .format("%Y-%m-%d %H:%M")
        .to_string()
}

/// A length of time, in its two largest units.
pub fn duration(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// The window of a run, and its day.
pub(crate) fn window(params: &RunParams) -> String {
    let months = counted(params.months().len(), "month");
    format!(
        "{} to {} ({months}), as of {}",
        params.start_date, params.end_date, params.as_of
    )
}

/// Text from elsewhere without control characters, which could repaint an operator's terminal.
pub(crate) fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_in_two_units() {
        let texts = [0, 59, 60, 3_599, 3_600, 90_061].map(duration);
        assert_eq!(
            texts,
            [
                "0 s",
                "59 s",
                "1 min 0 s",
                "59 min 59 s",
                "1 h 0 min",
                "25 h 1 min"
            ]
        );
    }

    #[test]
    fn one_is_singular_and_none_is_plural() {
        let texts = [0, 1, 2].map(|count| counted(count, "job"));
        assert_eq!(texts, ["0 jobs", "1 job", "2 jobs"]);
    }
}
