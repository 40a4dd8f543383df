//! Records written alike: the way the ERP writes a list, every record has the same keys in the same
//! order and spacing as the first. What stands between the values is then compared, not parsed.
//!
//! A record that deviates in anything is left to the JSON parser, so that this has to know only the
//! plainest JSON and may refuse the rest.

use super::fields::index_of;

/// How a record is written, up to each value that is used and after the last.
pub(super) struct Layout {
    used: Vec<Used>,
    tail: Stretch,
}

/// A value that is used.
struct Used {
    before: Stretch,
    /// Which of the names its key is.
    index: usize,
}

/// A part of a record that is not used. Records repeat each other: as often as not it is, byte for
/// byte, the one of the record before, which is one comparison instead of a walk through its values.
struct Stretch {
    /// What stands before each value in it: comma, key, colon, blanks.
    before_values: Vec<Box<str>>,
    /// What stands after the last of them.
    end: Box<str>,
    /// The whole of it in the latest record where it was another.
    latest: String,
}

impl Layout {
    /// The layout of a record that is well-formed JSON; `None` where it is no object, has no key,
    /// or has a key or value that is not plain.
    pub(super) fn of<const N: usize>(record: &str, names: &[&str; N]) -> Option<Self> {
        let mut used = Vec::new();
        let (mut before_values, mut stretch) = (Vec::new(), record);
        let mut rest = record;
        // Up to a value there is one key, which ends where its text does.
        while let Some(quote) = rest.find('"') {
            let key = &rest[quote..];
            let key = &key[..plain_value(key)?];
            let (_, value) = rest[quote + key.len()..].split_once(':')?;
            let value = blanks_skipped(value);
            let before: Box<str> = rest[..rest.len() - value.len()].into();
            rest = &value[plain_value(value)?..];
            match index_of(names, &key[1..key.len() - 1]) {
                Some(index) => {
                    let latest = stretch[..stretch.len() - value.len()].to_owned();
                    used.push(Used {
                        before: Stretch {
                            before_values: std::mem::take(&mut before_values),
                            end: before,
                            latest,
                        },
                        index,
                    });
                    stretch = rest;
                }
                None => before_values.push(before),
            }
        }
        let has_a_key = !used.is_empty() || !before_values.is_empty();
        (has_a_key && record.starts_with('{')).then(|| Self {
            used,
            tail: Stretch {
                before_values,
                end: rest.into(),
                latest: stretch.to_owned(),
            },
        })
    }

    /// The raw values of a record in this layout, and what follows it; `None` for any other.
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

impl Stretch {
    /// What follows it in a text that begins with it.
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

/// The length of the value that a text begins with: a text without escapes, a number without an
/// exponent, null, true or false. `None` for what is anything else, or no JSON.
fn plain_value(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    match bytes.first()? {
        b'"' => {
            let end = 1 + first_special(&bytes[1..])?;
            (bytes[end] == b'"').then_some(end + 1)
        }
        b'-' | b'0'..=b'9' => plain_number(bytes),
        b'n' => bytes.starts_with(b"null").then_some(4),
        b't' => bytes.starts_with(b"true").then_some(4),
        b'f' => bytes.starts_with(b"false").then_some(5),
        _ => None,
    }
}

/// Where the first quote, backslash or control character is; eight bytes at a time.
fn first_special(bytes: &[u8]) -> Option<usize> {
    const EACH: u64 = u64::from_le_bytes([1; 8]);
    const HIGHEST: u64 = EACH << 7;
    // Marks bytes below `limit`: all of them up to the first, and only what follows it may be
    // marked wrongly, by a borrow.
    let below = |word: u64, limit: u64| word.wrapping_sub(EACH * limit) & !word & HIGHEST;
    let equal = |word: u64, byte: u8| below(word ^ (EACH * u64::from(byte)), 1);

    let (words, rest) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let special = equal(word, b'"') | equal(word, b'\\') | below(word, 0x20);
        if special != 0 {
            return Some(index * 8 + special.trailing_zeros() as usize / 8);
        }
    }
    let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
    let in_rest = rest.iter().position(special)?;
    Some(words.len() * 8 + in_rest)
}

fn plain_number(bytes: &[u8]) -> Option<usize> {
    let digits_end = |from: usize| {
        let digits = bytes[from..].iter().take_while(|b| b.is_ascii_digit());
        from + digits.count()
    };
    let whole = usize::from(bytes[0] == b'-');
    let end = digits_end(whole);
    let leading_zero = bytes.get(whole) == Some(&b'0');
    if end == whole || (leading_zero && end > whole + 1) {
        return None;
    }
    let end = match bytes.get(end) {
        Some(b'.') => Some(digits_end(end + 1)).filter(|decimals| *decimals > end + 1)?,
        _ => end,
    };
    (!matches!(bytes.get(end), Some(b'e' | b'E'))).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 2] = ["a", "b"];

    fn read(
        first: &'static str,
        text: &'static str,
    ) -> Option<([Option<&'static str>; 2], &'static str)> {
        Layout::of(first, &NAMES)?.read(text)
    }

    #[test]
    fn a_record_like_the_first_is_read_by_what_stands_between_its_values() {
        let first = r#"{"A": 1, "x":"{",  "b" : null }"#;
        let values = |a, b| [Some(a), Some(b)];
        assert_eq!(read(first, first), Some((values("1", "null"), "")));
        let other = r#"{"A": -0.50, "x":"é: ,",  "b" : "tr\"#;
        assert_eq!(read(first, other), None);
        let other = r#"{"A": -0.50, "x":"é: ,",  "b" : "t" }, {"#;
        assert_eq!(read(first, other), Some((values("-0.50", "\"t\""), ", {")));
    }

    #[test]
    fn a_text_ends_at_its_first_special_byte_wherever_that_is() {
        for special in (0..=0x1f).chain([b'"', b'\\']) {
            for at in 0..20 {
                // 0x80 and more are parts of letters; a second special byte is not the first.
                let mut bytes = [0xc3, 0xa9, b' ', b'!', b'#', b'[', b']', 0x7f].repeat(3);
                bytes[at] = special;
                bytes[at + 2] = b'"';
                assert_eq!(first_special(&bytes), Some(at), "{special} {at}");
            }
        }
        assert_eq!(first_special("é ação sem fim #[]".as_bytes()), None);
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
            assert!(Layout::of(first, &NAMES).is_none(), "{first}");
        }
    }
}
