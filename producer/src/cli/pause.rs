//! The command `pause`, and the time at which a pause ends.

use chrono::{DateTime, Days, NaiveDateTime, NaiveTime, Utc};
use chrono_tz::America::Sao_Paulo;
use clap::Args;
use clap::builder::NonEmptyStringValueParser;

/// Arguments of `pause`.
#[derive(Debug, Clone, Args)]
pub struct PauseArgs {
    /// End the pause by itself at this time: YYYY-MM-DDTHH:MM or HH:MM (the next such time) in
    /// America/Sao_Paulo, or RFC 3339 [default: when it is lifted]
    #[arg(long, value_name = "TIME", value_parser = until_from_now)]
    pub until: Option<DateTime<Utc>>,
    /// Say why
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    pub why: String,
}

const NOT_A_TIME: &str = "not a time, written YYYY-MM-DDTHH:MM, HH:MM or as in RFC 3339";
const OVER: &str = "that time is over";
const SKIPPED: &str = "clocks in America/Sao_Paulo skip that time";

fn until_from_now(text: &str) -> Result<DateTime<Utc>, &'static str> {
    until(text, Utc::now())
}

/// The time after `now` that a person means.
fn until(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, &'static str> {
    if let Ok(time) = NaiveTime::parse_from_str(text, "%H:%M") {
        let today = now.with_timezone(&Sao_Paulo).date_naive();
        // A day more than two: clocks may skip the time on one of them.
        let days = (0..3).map(|days| (today + Days::new(days)).and_time(time));
        return days
            .flat_map(in_sao_paulo)
            .find(|at| *at > now)
            .ok_or(SKIPPED);
    }
    let times = if let Ok(local) = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M") {
        in_sao_paulo(local)
    } else {
        let at = DateTime::parse_from_rfc3339(text).map_err(|_| NOT_A_TIME)?;
        vec![at.to_utc()]
    };
    if times.is_empty() {
        return Err(SKIPPED);
    }
    times.into_iter().find(|at| *at > now).ok_or(OVER)
}

/// When clocks in São Paulo show a time: once, but twice or never where summer time ends or begins.
fn in_sao_paulo(local: NaiveDateTime) -> Vec<DateTime<Utc>> {
    let at = local.and_local_timezone(Sao_Paulo);
    let times = [at.earliest(), at.latest()].into_iter().flatten();
    times.map(|at| at.to_utc()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The end that is meant at a time, or why there is none.
    fn meant(text: &str, now: &str) -> String {
        let end = until(text, now.parse().unwrap());
        end.map_or_else(str::to_owned, |end| end.to_rfc3339())
    }

    #[test]
    fn a_time_is_of_sao_paulo_unless_it_says_otherwise() {
        let evening = "2026-11-28T01:30:00Z";
        for (text, end) in [
            ("22:31", "2026-11-28T01:31:00+00:00"),
            ("22:30", "2026-11-29T01:30:00+00:00"),
            ("06:00", "2026-11-28T09:00:00+00:00"),
            ("2026-11-27T23:00", "2026-11-28T02:00:00+00:00"),
            ("2026-11-28T01:31:00Z", "2026-11-28T01:31:00+00:00"),
            ("2026-11-28T06:00:00+02:00", "2026-11-28T04:00:00+00:00"),
            ("2026-11-27T22:30", OVER),
            ("2026-11-28T01:30:00Z", OVER),
            ("2020-01-01T00:00", OVER),
            ("tomorrow", NOT_A_TIME),
            ("24:00", NOT_A_TIME),
            ("2026-02-30T10:00", NOT_A_TIME),
            ("2026-11-28", NOT_A_TIME),
            ("", NOT_A_TIME),
        ] {
            assert_eq!(meant(text, evening), end, "{text}");
        }
    }

    #[test]
    fn summer_time_skips_an_hour_and_repeats_one() {
        // It began at midnight of 4 November 2018, and ended at midnight after 16 February 2019.
        let before = "2018-11-03T12:00:00Z";
        assert_eq!(meant("2018-11-04T00:30", before), SKIPPED);
        assert_eq!(meant("00:30", before), "2018-11-05T02:30:00+00:00");
        let first = "2019-02-17T01:00:00Z";
        assert_eq!(meant("23:30", first), "2019-02-17T01:30:00+00:00");
        let second = "2019-02-17T02:00:00Z";
        assert_eq!(meant("23:30", second), "2019-02-17T02:30:00+00:00");
    }
}
