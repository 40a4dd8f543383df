//! Texts and digits as the ERP writes them.

/// A text without the blanks around it. Nearly all texts begin and end with a letter or a digit,
/// and need no search for blanks.
#[inline]
pub(super) fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim(),
    }
}

/// Whether a text is one of `names`, whatever the case and the blanks around it.
#[inline]
pub(super) fn is_one_of(text: &str, names: &[&str]) -> bool {
    let text = trimmed(text);
    names.iter().any(|name| text.eq_ignore_ascii_case(name))
}

/// `320`, `-1`, `320.0`; nothing with a fraction.
#[inline]
pub(super) fn whole_number(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
    let whole = digits.iter().take_while(|byte| byte.is_ascii_digit());
    let fraction = &digits[whole.count()..];
    let fraction_is_zero = match fraction {
        [] => true,
        [b'.', zeros @ ..] => !zeros.is_empty() && zeros.iter().all(|byte| *byte == b'0'),
        _ => false,
    };
    // The sign and the digits; without any there is no number.
    let whole = &text[..text.len() - fraction.len()];
    fraction_is_zero.then(|| whole.parse().ok()).flatten()
}

/// A number of digits alone; `str::parse` would take a sign.
#[inline]
pub(super) fn number(digits: &str) -> Option<u32> {
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}
