//! A template of the records of a list, for speed: the ERP writes every record of a list with the
//! same keys, order and spacing as the first. The bytes between the values are compared with the
//! template instead of being parsed.
//!
//! The JSON parser reads every record that deviates from the template, so that only the plainest
//! JSON is known here.

use super::fields::index_of;
use super::plain::plain_value;

/// The form of a record: the gap before each value that is used, and the gap after the last.
pub(super) struct RecordTemplate {
    used: Vec<Used>,
    tail: Gap,
}

/// The place of a value that is used.
struct Used {
    before: Gap,
    /// The index of its key in the names.
    index: usize,
}

/// A part of a record that is not used: keys, punctuation and the values between two used ones. In
/// about half of the records it equals that of the record before, which one comparison shows without
/// looking at its values.
struct Gap {
    /// The bytes before each of its values: comma, key, colon, blanks.
    before_values: Vec<Box<str>>,
    /// The bytes after the last of its values.
    end: Box<str>,
    /// The whole gap, as the latest record that was walked through had it.
    latest: String,
}

impl RecordTemplate {
    /// The template of a record that is well-formed JSON; `None` where it is no object, has no key,
    /// or has a key or value that is not plain.
    pub(super) fn of<const N: usize>(record: &str, names: &[&str; N]) -> Option<Self> {
        let mut used = Vec::new();
        let (mut before_values, mut gap) = (Vec::new(), record);
        let mut rest = record;
        while let Some(quote) = rest.find('"') {
            let key = &rest[quote..];
            let key = &key[..plain_value(key)?];
            let (_, value) = rest[quote + key.len()..].split_once(':')?;
            let value = blanks_skipped(value);
            let before: Box<str> = rest[..rest.len() - value.len()].into();
            rest = &value[plain_value(value)?..];
            match index_of(names, &key[1..key.len() - 1]) {
                Some(index) => {
                    let latest = gap[..gap.len() - value.len()].to_owned();
                    used.push(Used {
                        before: Gap {
                            before_values: std::mem::take(&mut before_values),
                            end: before,
                            latest,
                        },
                        index,
                    });
                    gap = rest;
                }
                None => before_values.push(before),
            }
        }
        let has_a_key = !used.is_empty() || !before_values.is_empty();
        (has_a_key && record.starts_with('{')).then(|| Self {
            used,
            tail: Gap {
                before_values,
                end: rest.into(),
                latest: gap.to_owned(),
            },
        })
    }

    /// The raw values of a record in this template, and what follows it; `None` for any other.
    pub(super) fn read<'a, const N: usize>(
        &mut self,
        text: &'a str,
    ) -> Option<([Option<&'a str>; N], &'a str)> {
        let mut raw = [None; N];
        let mut rest = text;
        for used in &mut self.used {
            let from_value = used.before.skip(rest)?;
            let (value, after) = from_value.split_at_checked(plain_value(from_value)?)?;
            raw[used.index] = Some(value);
            rest = after;
        }
        Some((raw, self.tail.skip(rest)?))
    }
}

impl Gap {
    /// The text after this gap; `None` when the text does not begin with it.
    fn skip<'a>(&mut self, text: &'a str) -> Option<&'a str> {
        if let Some(after) = text.strip_prefix(&*self.latest) {
            return Some(after);
        }
        let mut rest = text;
        for before in &self.before_values {
            let value = rest.strip_prefix(&**before)?;
            rest = value.get(plain_value(value)?..)?;
        }
        let after = rest.strip_prefix(&*self.end)?;
        self.latest.clear();
        self.latest.push_str(&text[..text.len() - after.len()]);
        Some(after)
    }
}

/// The text after its leading blanks, as JSON has them.
fn blanks_skipped(text: &str) -> &str {
    text.trim_start_matches([' ', '\n', '\r', '\t'])
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 2] = ["a", "b"];

    fn read(
        first: &'static str,
        text: &'static str,
    ) -> Option<([Option<&'static str>; 2], &'static str)> {
        RecordTemplate::of(first, &NAMES)?.read(text)
    }

    #[test]
    fn a_record_like_the_first_is_read_by_its_gaps() {
        let first = r#"{"A": 1, "x":"{",  "b" : null }"#;
        let values = |a, b| [Some(a), Some(b)];
        assert_eq!(read(first, first), Some((values("1", "null"), "")));
        let other = r#"{"A": -0.50, "x":"é: ,",  "b" : "tr\"#;
        assert_eq!(read(first, other), None);
        let other = r#"{"A": -0.50, "x":"é: ,",  "b" : "t" }, {"#;
        assert_eq!(read(first, other), Some((values("-0.50", "\"t\""), ", {")));
    }

    #[test]
    fn whatever_deviates_is_refused() {
        let first = r#"{"a": 1, "b": 2}"#;
        assert!(read(first, first).is_some());
        for other in [
            r#"{"a": 1,"b": 2}"#,
            r#"{"b": 1, "a": 2}"#,
            r#"{"a": 1, "b": 2, "c": 3}"#,
            r#"{"a": 1}"#,
            r#"{"a": 01, "b": 2}"#,
            r#"{"a": 1., "b": 2}"#,
            r#"{"a": -, "b": 2}"#,
            r#"{"a": 1e5, "b": 2}"#,
            r#"{"a": nul, "b": 2}"#,
            r#"{"a": "\n", "b": 2}"#,
            "{\"a\": \"\n\", \"b\": 2}",
            r#"{"a": {}, "b": 2}"#,
            r#"{"a": 1, "b": 2"#,
            "",
        ] {
            assert_eq!(read(first, other), None, "{other}");
        }
        for first in [
            "",
            "{}",
            "null",
            "5",
            r#""a""#,
            r#"["a"]"#,
            r#"{"a": [1]}"#,
            r#"{"\u0061": 1}"#,
        ] {
            assert!(RecordTemplate::of(first, &NAMES).is_none(), "{first}");
        }
    }
}
